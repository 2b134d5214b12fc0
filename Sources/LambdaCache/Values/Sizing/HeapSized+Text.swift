#if canImport(Darwin)
  import Darwin
#endif

extension String: HeapSized {
  /// The bytes of the string's storage; zero for up to 15 bytes of UTF-8 and for literals.
  ///
  /// Capacity counts, not length: a string that was built by appending owns what it reserved. So do
  /// the UTF-16 breadcrumbs, about an eighth of the length, once a non-ASCII string of 64 code
  /// units and more has made them: when it is first indexed by UTF-16 offset.
  ///
  /// - Complexity: O(1), except for a string that still is an `NSString`.
  @inlinable
  public var heapByteCount: Int {
    #if _pointerBitWidth(_64)
      // The two words of a string are frozen (`StringObject.swift`, the table of discriminators):
      // the top bit of the second is set if the string is small or immortal and owns nothing.
      let words = unsafeBitCast(self, to: (flags: UInt64, object: UInt64).self)
      if words.object >> 63 == 1 { return 0 }
      // The storage is native if bit 61 of the first word says so and the second word, its
      // address, has no discriminator set.
      if words.flags >> 61 & 1 == 1, words.object >> 60 == 0 {
        let count = Int(words.flags & 0xFFFF_FFFF_FFFF)
        return withExtendedLifetime(self) {
          let storage = NativeStringStorage(address: UInt(words.object))
          // The top bit of the first word says that all is ASCII, which needs no breadcrumbs.
          return storage.allocationByteCount(forCount: count)
            &+ (words.flags >> 63 == 1 ? 0 : storage.breadcrumbsByteCount)
        }
      }
    #else
      if utf8.count <= 10 { return 0 }
    #endif
    return NativeStringStorage.estimatedByteCount(forCount: utf8.count)
  }
}

extension Character: HeapSized {
  /// The bytes of the storage of a grapheme cluster that does not fit into 15 bytes of UTF-8.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var heapByteCount: Int { String(self).heapByteCount }
}

extension Substring: HeapSized {
  /// The bytes of the whole string that this is a part of: a slice keeps all of it alive.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var heapByteCount: Int { base.heapByteCount }
}

/// The heap object behind a native string that is neither small nor a literal.
///
/// A header of 32 bytes, the code units, a terminating zero and, from 64 code units on, a pointer
/// to breadcrumbs, all in one block (`StringStorage.swift` in the standard library).
@usableFromInline
struct NativeStringStorage {
  @usableFromInline
  let address: UInt

  @inlinable
  init(address: UInt) {
    self.address = address
  }

  @inlinable
  static var headerByteCount: Int { 32 }

  /// The bytes of a storage that has no more capacity than it needs.
  @inlinable
  static func estimatedByteCount(forCount count: Int) -> Int {
    Allocator.allocationByteCount(forRequest: headerByteCount &+ count &+ 1)
  }

  /// The bytes of this storage.
  ///
  /// - Parameter count: The length of the string in UTF-8 code units.
  @inlinable
  func allocationByteCount(forCount count: Int) -> Int {
    guard let storage = UnsafeRawPointer(bitPattern: address) else { return 0 }
    #if canImport(Darwin)
      return malloc_size(storage)
    #else
      // The standard library is part of the program here, and so is this layout: the third word
      // is the capacity, the terminating zero included, below 16 bits of flags, the top one of
      // which says that a pointer to breadcrumbs follows.
      let word = storage.load(fromByteOffset: 16, as: UInt64.self)
      let capacity = max(Int(word & 0xFFFF_FFFF_FFFF), count &+ 1)
      let breadcrumbs = Int(word >> 63) &* MemoryLayout<UInt>.size
      return Allocator.allocationByteCount(
        forCapacity: Self.headerByteCount &+ capacity &+ breadcrumbs)
    #endif
  }

  /// The bytes of the breadcrumbs that this storage may have got: an object of two words, of which
  /// the second leads to an array of string indices.
  @usableFromInline
  var breadcrumbsByteCount: Int {
    #if canImport(Darwin)
      return 0
    #else
      guard let storage = UnsafeRawPointer(bitPattern: address) else { return 0 }
      let word = storage.load(fromByteOffset: 16, as: UInt64.self)
      guard word >> 63 == 1 else { return 0 }
      let end = Self.headerByteCount &+ Int(word & 0xFFFF_FFFF_FFFF)
      guard let breadcrumbs = storage.reference(at: (end &+ 7) & ~7),
        let indices = breadcrumbs.reference(at: 24)
      else { return 0 }
      let capacity = Int(indices.load(fromByteOffset: 24, as: UInt.self) >> 1)
      return Allocator.allocationByteCount(forRequest: 32)
        &+ Allocator.allocationByteCount(forCapacity: 32 &+ capacity &* 8)
    #endif
  }
}
