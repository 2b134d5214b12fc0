public import LambdaCache

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

extension Date: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a date is a number.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension UUID: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: an identifier is 16 bytes.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension Decimal: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: the digits are stored inline.
  @inlinable
  public static var isHeapFree: Bool { true }
}
