extension Cache {
  /// Logs the first value that the cache has not stored, and the first that it cannot measure, each
  /// once; called without the lock, after a write that was rejected, on the thread that has
  /// measured the value.
  @usableFromInline
  @inline(never)
  func reportRejection() {
    defer { HeapWalk.forgetFailure() }
    guard !isTurnedOff else { return }
    let lines = withStateKeepingEntries { state in
      guard !state.reportedRejections.isComplete else { return [String]() }
      return state.core.rejectionLines(
        type: "Cache<\(Key.self), \(Value.self)>", name: record?.name,
        reported: &state.reportedRejections)
    }
    for line in lines { Log.write(line, level: .warn) }
  }
}

extension Cache where Key: HeapSized, Value: HeapSized {
  /// Logs the parts of keys and values that their types show to be unmeasurable.
  @usableFromInline
  func reportForeseeableSizes() {
    ForeseeableSizes.report(
      [Key.self, Value.self], cache: "Cache<\(Key.self), \(Value.self)>", name: record?.name)
  }
}
