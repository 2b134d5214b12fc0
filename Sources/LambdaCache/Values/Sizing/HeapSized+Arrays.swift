extension Array: HeapSized where Element: HeapSized {
  /// The bytes of the array's buffer, its unused capacity included, and of its elements.
  ///
  /// - Complexity: O(1) if the elements are heap free, otherwise O(*n*).
  @inlinable
  public var heapByteCount: Int {
    let capacity = capacity
    if capacity == 0 { return 0 }
    if !Element.isHeapFree, Element.self != String.self {
      return withUnsafePointer(to: self) { reflectedByteCount(at: $0, type: Self.self) }
    }
    var byteCount = ArrayStorage<Element>.byteCount(
      forCapacity: capacity, storage: unsafeBitCast(self, to: UInt.self))
    if !Element.isHeapFree {
      for element in self { byteCount &+= element.heapByteCount }
    }
    return byteCount
  }
}

extension ContiguousArray: HeapSized where Element: HeapSized {
  /// The bytes of the array's buffer, its unused capacity included, and of its elements.
  ///
  /// - Complexity: O(1) if the elements are heap free, otherwise O(*n*).
  @inlinable
  public var heapByteCount: Int {
    let capacity = capacity
    if capacity == 0 { return 0 }
    if !Element.isHeapFree, Element.self != String.self {
      return withUnsafePointer(to: self) { reflectedByteCount(at: $0, type: Self.self) }
    }
    var byteCount = ArrayStorage<Element>.byteCount(
      forCapacity: capacity, storage: unsafeBitCast(self, to: UInt.self))
    if !Element.isHeapFree {
      for element in self { byteCount &+= element.heapByteCount }
    }
    return byteCount
  }
}

extension ArraySlice: HeapSized where Element: HeapSized {
  /// The bytes of the whole array that this is a part of: a slice keeps all of it alive.
  ///
  /// - Complexity: O(1) if the elements are heap free, otherwise O(*n*) in the whole array.
  @inlinable
  public var heapByteCount: Int {
    withUnsafePointer(to: self) { reflectedByteCount(at: $0, type: Self.self) }
  }
}

@available(macOS 26, iOS 26, tvOS 26, watchOS 26, visionOS 26, *)
extension InlineArray: HeapSized where Element: HeapSized {
  /// The bytes that the elements own.
  ///
  /// - Complexity: O(1) if the elements are heap free, otherwise O(*n*).
  @inlinable
  public var heapByteCount: Int {
    if Element.isHeapFree { return 0 }
    return withUnsafePointer(to: self) { reflectedByteCount(at: $0, type: Self.self) }
  }

  /// Whether the elements are heap free.
  @inlinable
  public static var isHeapFree: Bool { Element.isHeapFree }
}

/// The heap object behind an array: an object header, count and capacity, then the elements.
@usableFromInline
enum ArrayStorage<Element> {
  /// The offset of the first element: four words, rounded up to the alignment of an element.
  @inlinable
  static var elementOffset: Int {
    let mask = MemoryLayout<Element>.alignment &- 1
    return (4 &* MemoryLayout<UInt>.size &+ mask) & ~mask
  }

  /// The bytes of a storage without those that its elements own; 0 if it is one of the program's
  /// constants, as the literal `[1, 2, 3]` is.
  ///
  /// - Parameters:
  ///   - capacity: The array's capacity, which covers the block that malloc gave.
  ///   - storage: The address of the storage.
  @inlinable
  static func byteCount(forCapacity capacity: Int, storage: UInt) -> Int {
    #if !canImport(ObjectiveC)
      // With Objective-C it may be an object of another kind.
      if let storage = UnsafeRawPointer(bitPattern: storage),
        ObjectHeader(at: storage).isImmortal
      {
        return 0
      }
    #endif
    return Allocator.allocationByteCount(
      forCapacity: elementOffset &+ capacity &* MemoryLayout<Element>.stride)
  }
}
