#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Address space taken from the kernel, whose pages become resident only when they are first
/// written.
///
/// The columns of slots lie in such regions, so that growth copies nothing and needs no second
/// block beside the first (invariant G1 in DESIGN.md).
package enum VirtualMemory {
  /// The size of a page in bytes.
  package static let pageByteCount = Int(sysconf(Int32(_SC_PAGESIZE)))

  /// `byteCount` rounded up to whole pages, saturating.
  package static func roundedUpToPages(_ byteCount: Int) -> Int {
    let (sum, overflow) = byteCount.addingReportingOverflow(pageByteCount - 1)
    return overflow ? Int.max & ~(pageByteCount - 1) : sum & ~(pageByteCount - 1)
  }

  /// Reserves zeroed, page-aligned address space.
  ///
  /// - Parameter byteCount: A multiple of the page size.
  /// - Returns: The region, or `nil` if the system does not grant that much address space.
  package static func reserve(byteCount: Int) -> UnsafeMutableRawPointer? {
    #if canImport(Darwin)
      let flags = MAP_PRIVATE | MAP_ANON | MAP_NORESERVE
    #else
      let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    #endif
    let region = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0)
    guard let region, region != MAP_FAILED else { return nil }
    #if os(Linux)
      // A huge page would make two megabytes resident for the first slot. The advice may be
      // refused by kernels built without huge pages, where it is not needed either.
      _ = madvise(region, byteCount, MADV_NOHUGEPAGE)
    #endif
    return region
  }

  /// Gives a whole region back.
  package static func release(_ region: UnsafeMutableRawPointer, byteCount: Int) {
    let status = munmap(region, byteCount)
    precondition(status == 0, "munmap refused a region that mmap had returned")
  }

  /// Makes the whole pages between two offsets zero and not resident.
  ///
  /// - Parameters:
  ///   - region: The base of a reserved region.
  ///   - lower: The first byte that is no longer needed.
  ///   - upper: The end of the bytes that were ever written.
  package static func discard(
    in region: UnsafeMutableRawPointer, from lower: Int, to upper: Int
  ) {
    let first = roundedUpToPages(lower)
    let end = roundedUpToPages(upper)
    guard first < end else { return }
    #if canImport(Darwin)
      // Darwin's MADV_DONTNEED keeps the contents; mapping anew drops them.
      let fresh = mmap(
        region + first, end - first, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANON | MAP_NORESERVE | MAP_FIXED, -1, 0)
      precondition(fresh != MAP_FAILED, "mmap refused to renew a part of a reserved region")
    #else
      let status = madvise(region + first, end - first, MADV_DONTNEED)
      precondition(status == 0, "madvise refused a part of a reserved region")
    #endif
  }
}
