extension Optional: HeapSized where Wrapped: HeapSized {
  /// The bytes that the wrapped value owns; zero for `nil`.
  @inlinable
  public var heapByteCount: Int {
    switch self {
    case .none: 0
    case .some(let wrapped): wrapped.heapByteCount
    }
  }

  /// Whether the wrapped type is heap free.
  @inlinable
  public static var isHeapFree: Bool { Wrapped.isHeapFree }
}

extension Result: HeapSized where Success: HeapSized, Failure: HeapSized {
  /// The bytes that the success or the failure owns.
  @inlinable
  public var heapByteCount: Int {
    switch self {
    case .success(let value): value.heapByteCount
    case .failure(let error): error.heapByteCount
    }
  }

  /// Whether both sides are heap free.
  @inlinable
  public static var isHeapFree: Bool { Success.isHeapFree && Failure.isHeapFree }
}

extension CollectionOfOne: HeapSized where Element: HeapSized {
  /// The bytes that the element owns.
  @inlinable
  public var heapByteCount: Int { self[startIndex].heapByteCount }

  /// Whether the element type is heap free.
  @inlinable
  public static var isHeapFree: Bool { Element.isHeapFree }
}

extension EmptyCollection: HeapFree {}

extension Range: HeapSized where Bound: HeapSized {
  /// The bytes that both bounds own.
  @inlinable
  public var heapByteCount: Int { lowerBound.heapByteCount &+ upperBound.heapByteCount }

  /// Whether the bounds are heap free.
  @inlinable
  public static var isHeapFree: Bool { Bound.isHeapFree }
}

extension ClosedRange: HeapSized where Bound: HeapSized {
  /// The bytes that both bounds own.
  @inlinable
  public var heapByteCount: Int { lowerBound.heapByteCount &+ upperBound.heapByteCount }

  /// Whether the bounds are heap free.
  @inlinable
  public static var isHeapFree: Bool { Bound.isHeapFree }
}

extension PartialRangeFrom: HeapSized where Bound: HeapSized {
  /// The bytes that the bound owns.
  @inlinable
  public var heapByteCount: Int { lowerBound.heapByteCount }

  /// Whether the bound is heap free.
  @inlinable
  public static var isHeapFree: Bool { Bound.isHeapFree }
}

extension PartialRangeUpTo: HeapSized where Bound: HeapSized {
  /// The bytes that the bound owns.
  @inlinable
  public var heapByteCount: Int { upperBound.heapByteCount }

  /// Whether the bound is heap free.
  @inlinable
  public static var isHeapFree: Bool { Bound.isHeapFree }
}

extension PartialRangeThrough: HeapSized where Bound: HeapSized {
  /// The bytes that the bound owns.
  @inlinable
  public var heapByteCount: Int { upperBound.heapByteCount }

  /// Whether the bound is heap free.
  @inlinable
  public static var isHeapFree: Bool { Bound.isHeapFree }
}
