extension UniqueCache {
  /// Logs the first value that the cache has not stored, and the first that it cannot measure, each
  /// once; called after a write that was rejected, on the thread that has measured the value.
  @usableFromInline
  @inline(never)
  mutating func reportRejection() {
    defer { HeapWalk.forgetFailure() }
    guard !reportedRejections.isComplete, !isTurnedOff else { return }
    let lines = core.rejectionLines(
      type: "UniqueCache<\(Key.self), \(Value.self)>", name: record.flatMap(\.name),
      reported: &reportedRejections)
    for line in lines { Log.write(line, level: .warn) }
  }
}

extension UniqueCache where Key: HeapSized, Value: HeapSized {
  /// Logs the parts of keys and values that their types show to be unmeasurable.
  @usableFromInline
  func reportForeseeableSizes() {
    ForeseeableSizes.report(
      [Key.self, Value.self], cache: "UniqueCache<\(Key.self), \(Value.self)>",
      name: record.flatMap(\.name))
  }
}
