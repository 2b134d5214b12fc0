extension Array: HeapSized where Element: HeapSized {
  /// The bytes of the array's buffer, its unused capacity included, and of its elements.
  ///
  /// - Complexity: O(1) if the elements are heap free, otherwise O(*n*).
  @inlinable
  public var heapByteCount: Int {
    let capacity = capacity
    if capacity == 0 { return 0 }
    var byteCount = ArrayStorage<Element>.byteCount(forCapacity: capacity)
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
    var byteCount = ArrayStorage<Element>.byteCount(forCapacity: capacity)
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
    // The four words of a slice are frozen (`SliceBuffer.swift`). Bit 0 of the last one says that
    // the owner is an array's own storage and not a foreign object.
    let words = unsafeBitCast(
      self, to: (owner: UInt, base: UInt, start: UInt, endAndFlags: UInt).self)
    guard words.endAndFlags & 1 == 1, let owner = UnsafeRawPointer(bitPattern: words.owner) else {
      return ContiguousArray(self).heapByteCount
    }
    return withExtendedLifetime(self) {
      ArrayStorage<Element>.heapByteCount(ofStorageAt: owner)
    }
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
    var byteCount = 0
    for index in indices { byteCount &+= self[index].heapByteCount }
    return byteCount
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

  /// What a storage takes without what its elements own.
  ///
  /// - Parameter capacity: The array's capacity, which covers the block that malloc gave.
  @inlinable
  static func byteCount(forCapacity capacity: Int) -> Int {
    Allocator.allocationByteCount(
      forCapacity: elementOffset &+ capacity &* MemoryLayout<Element>.stride)
  }
}

extension ArrayStorage where Element: HeapSized {
  /// What a storage takes together with what all of its elements own.
  ///
  /// Its third and fourth word are the count and twice the capacity plus a flag, a layout that
  /// the standard library inlines into its clients (`_SwiftArrayBodyStorage`).
  @inlinable
  static func heapByteCount(ofStorageAt storage: UnsafeRawPointer) -> Int {
    let wordSize = MemoryLayout<UInt>.size
    let capacity = Int(storage.load(fromByteOffset: 3 &* wordSize, as: UInt.self) >> 1)
    if capacity == 0 { return 0 }
    var byteCount = byteCount(forCapacity: capacity)
    if !Element.isHeapFree {
      let elements = UnsafeBufferPointer(
        start: (storage + elementOffset).assumingMemoryBound(to: Element.self),
        count: storage.load(fromByteOffset: 2 &* wordSize, as: Int.self))
      for element in elements { byteCount &+= element.heapByteCount }
    }
    return byteCount
  }
}
