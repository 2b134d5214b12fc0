extension HeapSized {
  /// The bytes that the stored properties own, found by reflection.
  ///
  /// The first measurement of a type plans where its memory is; every other one reads the
  /// fields that the plan names. Objects are counted with all that they lead to, each once for
  /// the value that is measured, so references may be shared and may form circles.
  ///
  /// If a part of the value cannot be known, as ``HeapSized`` says, the result is more than 8 TiB:
  /// every cache rejects the value, counts it in ``CacheStatistics/rejectionsForUnknownSize``, and
  /// logs the first with type and property. ``checkedHeapByteCount()`` throws instead.
  ///
  /// - Complexity: O(1) in the number of fields and cases that may own memory, plus the sizes of
  ///   collections whose elements are not heap free and of object graphs.
  @inlinable
  public var heapByteCount: Int {
    withUnsafePointer(to: self) { reflectedByteCount(at: $0, type: Self.self) }
  }

  /// The bytes that the value owns, or the part of it whose memory cannot be known.
  ///
  /// The result is that of ``heapByteCount``, for callers that want an error for what cannot be
  /// known: a test for each cached type, for instance.
  ///
  /// - Returns: The bytes that the value owns outside its inline storage.
  /// - Throws: The first part that cannot be measured.
  public func checkedHeapByteCount() throws(HeapSizeError) -> Int {
    var walk = HeapWalk()
    let byteCount = withUnsafeMutablePointer(to: &walk) {
      HeapWalk.entering($0) { _ in heapByteCount }
    }
    if let failure = walk.failure { throw failure }
    return byteCount
  }
}

/// The bytes that a value owns by the plan of its type.
@usableFromInline
func reflectedByteCount(at value: UnsafeRawPointer, type: Any.Type) -> Int {
  HeapWalk.byteCount(ofDefaultAt: value, type: type)
}
