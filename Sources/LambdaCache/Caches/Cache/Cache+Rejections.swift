extension Cache {
  /// Logs the first value that the cache has not stored, once; called without the lock, after a
  /// write that was rejected.
  @usableFromInline
  @inline(never)
  func reportRejection() {
    guard !isTurnedOff else { return }
    let line: String? = withStateKeepingEntries { state in
      guard !state.hasReportedRejection else { return nil }
      state.hasReportedRejection = true
      return state.core.rejectionLine(
        type: "Cache<\(Key.self), \(Value.self)>", name: record?.name)
    }
    if let line { DiagnosticLog.write(line) }
  }
}
