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

  /// What a table of `count` cells takes, as the allocator or the kernel rounds it.
  package static func byteCount(forCells count: Int) -> Int {
    let bytes = count * MemoryLayout<UInt32>.stride
    return bytes >= mappedByteCount
      ? VirtualMemory.roundedUpToPages(bytes) : Allocator.allocationByteCount(forRequest: bytes)
  }

  /// Allocates `count` cells of zero.
  package static func allocate(cells count: Int) -> UnsafeMutablePointer<UInt32> {
    let bytes = count * MemoryLayout<UInt32>.stride
    let memory =
      bytes >= mappedByteCount
      ? VirtualMemory.reserve(byteCount: VirtualMemory.roundedUpToPages(bytes))
      : calloc(count, MemoryLayout<UInt32>.stride)
    guard let memory else { fatalError("no memory for \(bytes) bytes of cache index") }
    return memory.bindMemory(to: UInt32.self, capacity: count)
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
