public import LambdaCache

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

extension URL: HeapSized {
  /// The bytes of the parsed URL, of its string and of its base.
  ///
  /// - Complexity: O(1).
  public var heapByteCount: Int {
    Self.objectByteCount + relativeString.heapByteCount + (baseURL?.heapByteCount ?? 0)
  }

  /// The object of a URL and the one with the result of parsing, which own no memory but the
  /// string.
  ///
  /// Their sizes are private to Foundation. Measured with Swift 6.3 on 64-bit Linux: 49 bytes for
  /// `_SwiftURL`, 221 for `URLParseInfo`.
  private static var objectByteCount: Int {
    Allocator.allocationByteCount(forRequest: 49) + Allocator.allocationByteCount(forRequest: 221)
  }
}
