/// A tag as a cache compares it.
struct TagName: Hashable, Sendable {
  let text: String
  /// Whether only the same bytes in UTF-8 are equal; if not, tags are equal as `String` has it.
  let isExact: Bool

  static func == (first: TagName, second: TagName) -> Bool {
    areEqual(first.text, second.text, isExact: first.isExact || second.isExact)
  }

  // Texts with the same bytes have the same hash.
  func hash(into hasher: inout Hasher) { hasher.combine(text) }

  static func areEqual(_ first: String, _ second: String, isExact: Bool) -> Bool {
    isExact ? first.utf8.elementsEqual(second.utf8) : first == second
  }
}
