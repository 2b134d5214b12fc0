/// The tags of one entry, each once, with what is found out about them before a lock is taken.
@usableFromInline
package struct TagList: Sendable {
  /// The tags in the order in which they were given.
  package let names: [String]
  /// The hash of each.
  let hashes: [UInt32]
  /// What a table of tags takes at the least that has this list.
  let leastByteCount: Int

  /// Takes the tags as they were given, some perhaps several times.
  ///
  /// - Complexity: O(*n*) in the number of tags.
  package init(_ given: [String]) {
    var met = Set<String>(minimumCapacity: given.count)
    names = given.filter { met.insert($0).inserted }
    hashes = names.map(TagNames.hash)
    leastByteCount = names.reduce(0) { $0 + TagTable.leastByteCount(ofName: $1) }
  }

  package var isEmpty: Bool { names.isEmpty }
}
