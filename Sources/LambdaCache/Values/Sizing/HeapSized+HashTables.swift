extension Dictionary: HeapSized where Key: HeapSized, Value: HeapSized {
  /// The bytes of the hash table, its unused capacity included, and of keys and values.
  ///
  /// - Complexity: O(1) if keys and values are heap free, otherwise O(*n*).
  @inlinable
  public var heapByteCount: Int {
    let capacity = capacity
    if capacity == 0 { return 0 }
    if Key.isHeapFree, Value.isHeapFree {
      return HashTableLayout(capacity: capacity).byteCount(key: Key.self, value: Value.self)
    }
    return withUnsafePointer(to: self) { reflectedByteCount(at: $0, type: Self.self) }
  }
}

extension Set: HeapSized where Element: HeapSized {
  /// The bytes of the hash table, its unused capacity included, and of the elements.
  ///
  /// - Complexity: O(1) if the elements are heap free, otherwise O(*n*).
  @inlinable
  public var heapByteCount: Int {
    let capacity = capacity
    if capacity == 0 { return 0 }
    if Element.isHeapFree {
      return HashTableLayout(capacity: capacity).byteCount(element: Element.self)
    }
    return withUnsafePointer(to: self) { reflectedByteCount(at: $0, type: Self.self) }
  }
}

/// The heap object behind a `Dictionary` or a `Set`: a header, one bit for each bucket, then an
/// array of keys and an array of values (`HashTable.swift` and `NativeDictionary.swift` in the
/// standard library).
@usableFromInline
struct HashTableLayout {
  /// A power of two: a table's capacity is three quarters of it, rounded down.
  @usableFromInline
  let bucketCount: Int

  @inlinable
  init(capacity: Int) {
    bucketCount = 1 << (Int.bitWidth &- capacity.leadingZeroBitCount)
  }

  /// The bytes of the table of a set without those that its elements own.
  @inlinable
  func byteCount<Element>(element: Element.Type) -> Int {
    Allocator.allocationByteCount(
      forRequest: offset(after: Element.self, at: bitmapEnd(headerWordCount: 6)))
  }

  /// The bytes of the table of a dictionary without those that its keys and values own.
  @inlinable
  func byteCount<Key, Value>(key: Key.Type, value: Value.Type) -> Int {
    let keysEnd = offset(after: Key.self, at: bitmapEnd(headerWordCount: 7))
    return Allocator.allocationByteCount(forRequest: offset(after: Value.self, at: keysEnd))
  }

  /// The end of the bitmap.
  ///
  /// - Parameter headerWordCount: The words of the header apart from the eight bytes that hold
  ///   scale and age: object header, count, capacity, seed and a pointer to each array.
  @inlinable
  func bitmapEnd(headerWordCount: Int) -> Int {
    let wordSize = MemoryLayout<UInt>.size
    let bitmapWordCount = (bucketCount &+ UInt.bitWidth &- 1) / UInt.bitWidth
    return 8 &+ (headerWordCount &+ bitmapWordCount) &* wordSize
  }

  /// The end of an array with one member for each bucket.
  @inlinable
  func offset<Member>(after member: Member.Type, at offset: Int) -> Int {
    let mask = MemoryLayout<Member>.alignment &- 1
    return ((offset &+ mask) & ~mask) &+ bucketCount &* MemoryLayout<Member>.stride
  }
}
