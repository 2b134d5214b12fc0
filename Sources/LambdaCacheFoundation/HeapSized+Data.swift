public import LambdaCache

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

extension Data: HeapSized {
  /// The bytes of the storage that the data is, or is a part of; zero for up to 14 bytes.
  ///
  /// Capacity counts, not length, and a slice keeps the whole storage alive. Memory that the data
  /// was given with a deallocator is counted as if it came from `malloc`.
  ///
  /// - Complexity: O(1).
  public var heapByteCount: Int {
    #if _pointerBitWidth(_64)
      // The representation is a frozen enum of two words (`Data+Representation.swift`); its two
      // top bits distinguish the cases: inline bytes 0, slice 1, large slice 2, empty 3. The
      // address of the storage is in the second word.
      let words = unsafeBitCast(self, to: (first: UInt64, second: UInt64).self)
      let address = UInt(words.second & 0x0FFF_FFFF_FFFF_FFFF)
      guard let storage = UnsafeRawPointer(bitPattern: address) else { return 0 }
      return withExtendedLifetime(self) {
        switch words.second >> 62 {
        case 1: DataStorage.byteCount(ofStorageAt: storage)
        case 2: DataStorage.byteCount(ofStorageAt: storage) + DataStorage.rangeByteCount
        default: 0
        }
      }
    #else
      return count <= 6 ? 0 : DataStorage.byteCount(forCapacity: count)
    #endif
  }
}

/// The heap objects behind a `Data`.
private enum DataStorage {
  /// The object that holds the range of a slice of more than 2 GiB: a header and two words.
  static var rangeByteCount: Int { Allocator.allocationByteCount(forRequest: 32) }

  /// The storage object and a buffer of a capacity.
  ///
  /// The object has a header, four words, a closure and a flag: 65 bytes (`DataStorage.swift`).
  static func byteCount(forCapacity capacity: Int) -> Int {
    Allocator.allocationByteCount(forRequest: 65)
      + Allocator.allocationByteCount(forRequest: capacity)
  }

  /// The storage object at an address and its buffer.
  ///
  /// Behind the object header stand the buffer's address, its length and its capacity, which is
  /// zero for memory that the storage does not own.
  static func byteCount(ofStorageAt storage: UnsafeRawPointer) -> Int {
    let length = storage.load(fromByteOffset: 24, as: Int.self)
    let capacity = storage.load(fromByteOffset: 32, as: Int.self)
    return byteCount(forCapacity: max(length, capacity))
  }
}
