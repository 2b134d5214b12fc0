// `IndexSet` is not part of FoundationEssentials on Linux: see `HeapSized+Measurement.swift`.
#if FullFoundation || !canImport(FoundationEssentials)
  public import Foundation
  public import LambdaCache

  extension IndexSet: HeapSized {
    /// The bytes of the object behind the set and of the array of its ranges.
    ///
    /// The capacity of that array is private to Foundation: counted is the next power of two, which
    /// it has if the set grew range by range.
    ///
    /// - Complexity: O(1).
    public var heapByteCount: Int {
      let count = rangeView.count
      var capacity = 1
      while capacity < count { capacity *= 2 }
      let ranges = allocationByteCount(
        forRequest: 32 + capacity * MemoryLayout<Range<Int>>.stride)
      return Self.objectByteCount + (count == 0 ? 0 : ranges)
    }

    /// The set's own object and the one that it hands to Objective-C; measured with Swift 6.3 on
    /// 64-bit Linux.
    private static var objectByteCount: Int { 96 }
  }
#endif
