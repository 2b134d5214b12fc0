/// What is to be removed from a cache because it has changed elsewhere.
public enum CacheInvalidation: Sendable, Hashable {
  /// The entry of a key.
  case key(String)
  /// Entries whose keys begin with a text; the empty one begins every key.
  case prefix(String)
  /// Entries with a tag.
  case tag(String)
  /// All entries.
  case all
}
