extension UniqueCache {
  /// Logs the first value that the cache has not stored, once.
  @usableFromInline
  @inline(never)
  mutating func reportRejection() {
    guard !hasReportedRejection, !isTurnedOff else { return }
    hasReportedRejection = true
    let line = core.rejectionLine(
      type: "UniqueCache<\(Key.self), \(Value.self)>", name: record.flatMap(\.name))
    if let line { DiagnosticLog.write(line) }
  }
}
