#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Zeroed memory for the cells of an index.
///
/// Large tables come from the kernel, which zeroes their pages one at a time as they are first
/// written: a table of eight megabytes is ready at once, and goes back to the system the moment it
/// is dropped.
package enum CellMemory {
  /// From here on tables are mapped; glibc's own default threshold is the same.
  private static var mappedByteCount: Int { 128 * 1024 }

  /// The bytes of a table of `count` cells, as the allocator or the kernel rounds them.
  package static func byteCount(forCells count: Int) -> Int {
    let bytes = count * MemoryLayout<UInt32>.stride
    return bytes >= mappedByteCount
      ? VirtualMemory.roundedUpToPages(bytes) : Allocator.allocationByteCount(forRequest: bytes)
  }

  /// Allocates `count` cells of zero; `nil` if the system has no memory for them.
  package static func allocate(cells count: Int) -> UnsafeMutablePointer<UInt32>? {
    let bytes = count * MemoryLayout<UInt32>.stride
    let memory =
      bytes >= mappedByteCount
      ? VirtualMemory.reserve(byteCount: VirtualMemory.roundedUpToPages(bytes))
      : calloc(count, MemoryLayout<UInt32>.stride)
    return memory?.bindMemory(to: UInt32.self, capacity: count)
  }

  /// Cells whose memory is given back at once while a table is emptied: 128 KiB of them.
  private static var discardedCount: Int { 1 << 15 }

  /// Gives the memory of cells back that are empty and stay so, as an emptied table's first ones.
  ///
  /// They can still be read. Unmapping eight megabytes at the end, all at once, takes half a
  /// millisecond.
  ///
  /// - Parameters:
  ///   - cells: The result of `allocate(cells:)`.
  ///   - count: How many cells there are.
  ///   - before: How many of the first cells were empty the last time.
  ///   - now: How many are now.
  static func discard(
    _ cells: UnsafeMutablePointer<UInt32>, count: Int, emptyBefore before: Int, now: Int
  ) {
    let stride = MemoryLayout<UInt32>.stride
    guard count * stride >= mappedByteCount else { return }
    let first = before / discardedCount * discardedCount
    let end = now / discardedCount * discardedCount
    if first < end {
      VirtualMemory.discard(in: cells, from: first * stride, to: end * stride)
    }
  }

  /// Frees what `allocate(cells:)` returned for the same count.
  package static func deallocate(_ cells: UnsafeMutablePointer<UInt32>, count: Int) {
    let bytes = count * MemoryLayout<UInt32>.stride
    if bytes >= mappedByteCount {
      VirtualMemory.release(cells, byteCount: VirtualMemory.roundedUpToPages(bytes))
    } else {
      free(cells)
    }
  }
}
