extension CacheStatistics {
  /// One line for people about a cache.
  ///
  /// - Parameters:
  ///   - type: The name of the cache's type.
  ///   - byteLimit: The most bytes that the cache may take.
  func description(ofType type: String, byteLimit: Int) -> String {
    let entries = count == 1 ? "1 entry" : "\(count) entries"
    let perMille = requests == 0 ? 0 : (hits * 1000 + requests / 2) / requests
    let hits =
      requests == 0
      ? "no look-ups" : "\(perMille / 10).\(perMille % 10) % hits of \(requests) look-ups"
    return "\(type): \(entries), \(ByteCountFormat.short(byteCount)) of "
      + "\(ByteCountFormat.short(byteLimit)), \(hits)"
  }
}
