// The types of the standard library whose values never own heap memory.

extension Bool: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension Int: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension Int8: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension Int16: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension Int32: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension Int64: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension Int128: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension UInt: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension UInt8: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension UInt16: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension UInt32: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension UInt64: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension UInt128: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension Float: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension Double: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

#if !((os(macOS) || targetEnvironment(macCatalyst)) && arch(x86_64))
  extension Float16: HeapSized {
    /// Zero.
    @inlinable
    public var heapByteCount: Int { 0 }

    /// `true`: a value is all there is.
    @inlinable
    public static var isHeapFree: Bool { true }
  }
#endif

#if (arch(i386) || arch(x86_64)) && !os(Windows) && !os(Android)
  extension Float80: HeapSized {
    /// Zero.
    @inlinable
    public var heapByteCount: Int { 0 }

    /// `true`: a value is all there is.
    @inlinable
    public static var isHeapFree: Bool { true }
  }
#endif

extension Unicode.Scalar: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension StaticString: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension ObjectIdentifier: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension Never: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension Duration: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension ContinuousClock.Instant: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension SuspendingClock.Instant: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension SIMD2: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension SIMD3: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension SIMD4: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension SIMD8: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension SIMD16: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension SIMD32: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension SIMD64: HeapSized {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: a value is all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}
