/// Entries that are to be removed from a cache because their source has changed.
public enum CacheInvalidation: Sendable, Hashable {
  /// The entry of a key.
  case key(String)
  /// Entries whose keys begin with a text; every key begins with the empty one.
  case prefix(String)
  /// Entries with a tag.
  case tag(String)
  /// All entries.
  case all
}
