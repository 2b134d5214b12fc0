extension HeapWalk {
  /// The bytes of an array's storage and of what its elements own.
  ///
  /// Behind the object header stand the count and twice the capacity plus a flag, then the
  /// elements (`_SwiftArrayBodyStorage`).
  static func byteCount(
    ofArrayAt storage: UnsafeRawPointer?, _ layout: ElementLayout, _ walk: Reference
  ) -> Int {
    guard let storage = native(storage, layout, walk) else { return 0 }
    let wordSize = MemoryLayout<UInt>.size
    let capacity = Int(storage.load(fromByteOffset: 3 &* wordSize, as: UInt.self) >> 1)
    if capacity == 0 { return 0 }
    let elements = layout.aligned(4 &* wordSize)
    let byteCount =
      ObjectHeader(at: storage).isImmortal
      ? 0
      : Allocator.allocationByteCount(forCapacity: elements &+ capacity &* layout.stride)
    if layout.record.pointee.isHeapFree { return byteCount }
    let count = storage.load(fromByteOffset: 2 &* wordSize, as: Int.self)
    return byteCount
      &+ looking(into: layout.record, at: layout.name, walk) {
        Self.byteCount(ofElementsAt: storage + elements, count: count, layout, walk)
      }
  }

  /// The bytes of the whole array that a slice is a part of.
  ///
  /// A slice is four words: owner, base, start, and twice the end plus a flag that says that the
  /// owner is an array's own storage (`_SliceBuffer`).
  static func byteCount(
    ofArraySliceAt slice: UnsafeRawPointer, _ layout: ElementLayout, _ walk: Reference
  ) -> Int {
    let isNative = slice.load(fromByteOffset: 3 &* MemoryLayout<UInt>.size, as: UInt.self) & 1 == 1
    guard isNative else {
      fail(layout, walk)
      return 0
    }
    return byteCount(ofArrayAt: slice.reference(at: 0), layout, walk)
  }

  /// The bytes of a hash table and of what its members own.
  ///
  /// Behind the object header stand count, capacity, scale and age, seed, the addresses of the
  /// keys and, in a dictionary, of the values, then a bit for every bucket that is in use
  /// (`__RawDictionaryStorage`, `__RawSetStorage`).
  ///
  /// - Parameter values: `nil` if the table is a set's.
  static func byteCount(
    ofTableAt storage: UnsafeRawPointer?, _ keys: ElementLayout, values: ElementLayout?,
    _ walk: Reference
  ) -> Int {
    guard let storage = native(storage, keys, walk) else { return 0 }
    let wordSize = MemoryLayout<UInt>.size
    let capacity = storage.load(fromByteOffset: 3 &* wordSize, as: Int.self)
    if capacity == 0 { return 0 }
    let table = HashTableLayout(capacity: capacity)
    let headerWordCount = values == nil ? 6 : 7
    let bitmap = 8 &+ headerWordCount &* wordSize
    var end = keys.end(
      ofArrayAt: table.bitmapEnd(headerWordCount: headerWordCount), table.bucketCount)
    if let values { end = values.end(ofArrayAt: end, table.bucketCount) }
    var byteCount = Allocator.allocationByteCount(forRequest: end)
    if !keys.record.pointee.isHeapFree {
      byteCount &+= looking(into: keys.record, at: keys.name, walk) {
        Self.byteCount(
          ofBuckets: storage + bitmap, table.bucketCount,
          storage.reference(at: 8 &+ 5 &* wordSize), keys, walk)
      }
    }
    if let values, !values.record.pointee.isHeapFree {
      byteCount &+= looking(into: values.record, at: values.name, walk) {
        Self.byteCount(
          ofBuckets: storage + bitmap, table.bucketCount,
          storage.reference(at: 8 &+ 6 &* wordSize), values, walk)
      }
    }
    return byteCount
  }

  /// The bytes that the members own whose buckets are in use.
  private static func byteCount(
    ofBuckets bitmap: UnsafeRawPointer, _ bucketCount: Int, _ members: UnsafeRawPointer?,
    _ layout: ElementLayout, _ walk: Reference
  ) -> Int {
    guard let members else { return 0 }
    var byteCount = 0
    var first = 0
    while first < bucketCount {
      var bits = bitmap.load(fromByteOffset: first / 8, as: UInt.self)
      // A table of fewer buckets than a word has bits has the others set.
      if bucketCount < UInt.bitWidth { bits &= (1 << UInt(bucketCount)) &- 1 }
      while bits != 0 {
        let member = members + (first &+ bits.trailingZeroBitCount) &* layout.stride
        byteCount &+= Self.byteCount(ofElementsAt: member, count: 1, layout, walk)
        bits &= bits &- 1
      }
      first &+= UInt.bitWidth
    }
    return byteCount
  }

  /// A storage object of the standard library's own; `nil` if there is none, or if it was counted.
  private static func native(
    _ storage: UnsafeRawPointer?, _ layout: ElementLayout, _ walk: Reference
  ) -> UnsafeRawPointer? {
    #if canImport(ObjectiveC)
      // The top bits of the word say that the storage is an object of Objective-C.
      if let storage, UInt(bitPattern: storage) >> (UInt.bitWidth - 2) != 0 {
        fail(layout, walk)
        return nil
      }
    #endif
    // A storage at several places in a value is counted at the first.
    guard let storage else { return nil }
    let header = ObjectHeader(at: storage)
    if header.isShared, !header.isImmortal, !walk.pointee.met.insert(storage) { return nil }
    return storage
  }

  private static func fail(_ layout: ElementLayout, _ walk: Reference) {
    walk.pointee.fail(
      HeapSizeError(
        path: layout.name.path,
        typeName: "collection of \(layout.record.pointee.metadata.type)", reason: .bridged))
  }
}

extension ElementLayout {
  /// The first offset from here on where an element can be.
  fileprivate func aligned(_ offset: Int) -> Int { (offset &+ alignmentMask) & ~alignmentMask }

  /// The end of elements that begin at the next possible offset.
  fileprivate func end(ofArrayAt offset: Int, _ count: Int) -> Int {
    aligned(offset) &+ count &* stride
  }
}
