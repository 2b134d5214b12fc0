/// Prefixes of keys, ordered so that one search finds the prefix of a key.
struct KeyPrefixes {
  /// The prefixes that are ASCII, in the order of their bytes; none begins with another.
  private let ordered: [[UInt8]]
  /// The prefixes that are not.
  private let others: [String]

  init(_ prefixes: [String]) {
    let isASCII = { (text: String) in text.utf8.allSatisfy { $0 < 0x80 } }
    others = prefixes.filter { !isASCII($0) }
    let sorted = prefixes.filter(isASCII).map { Array($0.utf8) }
      .sorted { $0.lexicographicallyPrecedes($1) }
    ordered = sorted.reduce(into: []) { kept, prefix in
      if let last = kept.last, prefix.starts(with: last) { return }
      kept.append(prefix)
    }
  }

  /// Whether a key begins with one of them, by characters or by bytes.
  func begin(_ key: String) -> Bool {
    if beginBytes(of: key) { return true }
    func isMeant(_ prefix: String) -> Bool {
      key.hasPrefix(prefix) || key.utf8.starts(with: prefix.utf8)
    }
    if others.contains(where: isMeant) { return true }
    // If both are ASCII, a prefix by characters is one by bytes.
    guard key.utf8.contains(where: { $0 >= 0x80 }) else { return false }
    return ordered.contains { isMeant(String(decoding: $0, as: UTF8.self)) }
  }

  /// Whether the bytes of a key begin with one: only the last one that is not behind the key can,
  /// because none begins with another.
  private func beginBytes(of key: String) -> Bool {
    var (low, high) = (0, ordered.count)
    while low < high {
      let middle = (low + high) / 2
      if key.utf8.lexicographicallyPrecedes(ordered[middle]) {
        high = middle
      } else {
        low = middle + 1
      }
    }
    return low > 0 && key.utf8.starts(with: ordered[low - 1])
  }
}
