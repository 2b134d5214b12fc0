extension Cache: CustomStringConvertible {
  /// One line for people: types, entries, bytes of the limit, and the share of hits.
  public var description: String {
    let statistics = self.statistics
    let limit = byteLimit
    let entries = statistics.count == 1 ? "1 entry" : "\(statistics.count) entries"
    let requests = statistics.requests
    let perMille = requests == 0 ? 0 : (statistics.hits * 1000 + requests / 2) / requests
    let hits =
      requests == 0
      ? "no look-ups" : "\(perMille / 10).\(perMille % 10) % hits of \(requests) look-ups"
    return "Cache<\(Key.self), \(Value.self)>: \(entries), "
      + "\(ByteCountFormat.short(statistics.byteCount)) of \(ByteCountFormat.short(limit)), \(hits)"
  }
}
