/// The tags of one entry, each once, with their hashes and sizes, which are computed before a lock
/// is taken.
@usableFromInline
package struct TagList: Sendable {
  /// The tags in the order in which they were given.
  package let names: [String]
  /// The hash of each.
  let hashes: [UInt32]
  /// The least number of bytes of a table of tags that has this list.
  let leastByteCount: Int
  /// Whether tags are equal only if they have the same bytes in UTF-8.
  let isExact: Bool

  /// Takes the tags as they were given, some perhaps several times.
  ///
  /// - Parameters:
  ///   - given: The tags.
  ///   - isExact: Whether they are equal only if they have the same bytes in UTF-8.
  /// - Complexity: O(*n*) in the number of tags.
  package init(_ given: [String], isExact: Bool) {
    self.isExact = isExact
    var met = Set<TagName>(minimumCapacity: given.count)
    names = given.filter { met.insert(TagName(text: $0, isExact: isExact)).inserted }
    hashes = names.map(TagNames.hash)
    leastByteCount = names.reduce(0) { $0 + TagTable.leastByteCount(ofName: $1) }
  }

  package var isEmpty: Bool { names.isEmpty }
}
