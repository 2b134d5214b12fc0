#if canImport(Darwin)
  import Darwin
#endif

/// The bytes that the allocator takes for a block, its header and rounding included; for types that
/// state their own ``HeapSized/heapByteCount``.
///
/// - Parameter byteCount: The bytes that are asked for; not negative.
/// - Returns: The bytes that `malloc(byteCount)` takes from the memory of the process.
/// - Complexity: O(1).
@inlinable
public func allocationByteCount(forRequest byteCount: Int) -> Int {
  Allocator.allocationByteCount(forRequest: byteCount)
}

/// The bytes that `malloc` takes from the process's memory for a block.
///
/// An allocator adds a header, rounds up to its size classes and takes whole pages for large
/// blocks. A cache that counted only the bytes asked for would be wrong by a third for small
/// values, so everything in this package that counts heap memory goes through this type.
///
/// | platform | rule |
/// |---|---|
/// | Linux, glibc | eight bytes of header, multiples of 16, at least 32; pages from 128 KiB |
/// | Linux, musl | four size classes for each doubling, see ``allocationByteCount(forRequest:)`` |
/// | Apple | what `malloc_good_size` answers |
///
/// Free blocks that the allocator keeps for later, and the holes between blocks, belong to no
/// block: they are what the reserve of ``MemoryBudget`` is for.
@usableFromInline
package enum Allocator {
  /// The bytes that `malloc(byteCount)` takes, its own header and rounding included.
  ///
  /// On musl the answer depends on the allocator that the SDK links: the static Linux SDK of
  /// Swift 6.3 and newer comes with mimalloc, older ones use musl's own.
  ///
  /// - Parameter byteCount: The bytes asked for; not negative.
  /// - Complexity: O(1), and a handful of instructions where the platform is Linux.
  @inlinable
  package static func allocationByteCount(forRequest byteCount: Int) -> Int {
    #if canImport(Darwin)
      return malloc_good_size(byteCount)
    #elseif canImport(Musl)
      #if compiler(>=6.3)
        return mimallocByteCount(forRequest: byteCount)
      #else
        return muslByteCount(forRequest: byteCount)
      #endif
    #else
      return glibcByteCount(forRequest: byteCount)
    #endif
  }

  /// The bytes that `malloc` took for a block whose owner uses all of it that is usable.
  ///
  /// The buffers of `Array` and `String` ask the allocator how large a block really is and
  /// declare the surplus their capacity. For such a block the rounding has been done already,
  /// and doing it again would count one page too many for large ones.
  ///
  /// - Parameter byteCount: The usable bytes, the owner's own header included; not negative.
  /// - Complexity: O(1).
  @inlinable
  package static func allocationByteCount(forCapacity byteCount: Int) -> Int {
    #if canImport(Darwin) || canImport(Musl)
      return allocationByteCount(forRequest: byteCount)
    #else
      return glibcByteCount(forCapacity: byteCount)
    #endif
  }
}
