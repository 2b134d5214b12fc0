/// Values that are not stored: why, and what is logged of the first one.
extension CacheCore {
  /// Notes why a value is not admitted.
  ///
  /// - Parameters:
  ///   - isAlive: Whether its time to live is positive.
  ///   - heapByteCount: The bytes that key and value own on the heap.
  @usableFromInline
  mutating func noteRejection(isAlive: Bool, heapByteCount: Int) {
    let reason: RejectionReason =
      if !isAlive {
        .timeToLive
      } else if HeapSizeError.stands(for: heapByteCount), HeapWalk.lastFailure != nil {
        // Without a failure it is a size that the caller has stated.
        .unknownSize
      } else if heapByteCount > limits.entryByteLimit {
        .entrySize
      } else if admittedGranules(forByteCount: heapByteCount) == nil {
        .cacheSize
      } else {
        .memory
      }
    counts.rejectionReasons.note(reason, heapByteCount: heapByteCount)
  }

  /// Notes that a value is not stored for a reason.
  @usableFromInline
  mutating func noteRejection(_ reason: RejectionReason, heapByteCount: Int) {
    counts.rejectionReasons.note(reason, heapByteCount: heapByteCount)
  }

  /// A line about the first value that was not stored for another reason than an unknown size;
  /// `nil` if the cache is kept empty, where all are rejected, or none was.
  ///
  /// - Parameters:
  ///   - type: The type of the cache.
  ///   - name: The name of a cache on a budget.
  package func rejectionLine(type: String, name: String?) -> String? {
    guard let first = counts.rejectionReasons.first,
      mayHoldEntries(name: name)
    else { return nil }
    let size = "\(first.heapByteCount) bytes on the heap"
    let reason =
      switch first.reason {
      case .entrySize:
        "a key and its value own \(size), and an entry may own \(limits.entryByteLimit)"
      case .cacheSize:
        "a key and its value own \(size), and the cache may take \(limits.byteLimit) with its "
          + "structure"
      case .timeToLive: "the time to live of a value is not positive"
      case .memory: "the system lends no memory for an entry that owns \(size)"
      case .tags:
        "the tags of a value have no room in the \(limits.byteLimit) bytes of the cache"
      case .unknownSize: unknownReason
      }
    return rejectionLine(
      type: type, name: name, reason: reason, counter: "statistics.rejections")
  }

  /// A line about the first value of which some part cannot be measured; `nil` if the cache is kept
  /// empty, or there was none.
  ///
  /// - Parameters:
  ///   - type: The type of the cache.
  ///   - name: The name of a cache on a budget.
  ///   - failure: The part.
  package func unknownSizeLine(type: String, name: String?, failure: HeapSizeError?) -> String? {
    guard counts.rejectionReasons.unknownSize > 0, mayHoldEntries(name: name) else { return nil }
    return rejectionLine(
      type: type, name: name, reason: failure?.description ?? unknownReason,
      counter: "statistics.rejectionsForUnknownSize")
  }

  /// Whether a cache holds entries, or will when its budget lends it memory.
  private func mayHoldEntries(name: String?) -> Bool {
    limits.entryLimit > 0 && (limits.byteLimit > 0 || name != nil)
  }

  private var unknownReason: String { "some part of it cannot be measured" }

  private func rejectionLine(
    type: String, name: String?, reason: String, counter: String
  ) -> String {
    let title = name.map { "\(type) \($0.debugDescription)" } ?? type
    return "LambdaCache: \(title) rejected a value: \(reason). Further ones are only counted, in "
      + "\(counter)."
  }
}
