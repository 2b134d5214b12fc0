#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The address space that columns of slots may take, and how they get more.
///
/// Address space costs nothing until it is written, but there may be a limit (`ulimit -v`) that the
/// whole process shares.
package enum AddressSpace {
  /// The most that is reserved for the slots of one cache ahead of their use: 4 GiB.
  ///
  /// Thousands of caches fit without a limit, and a larger one grows.
  static let largestStep = 4 << 30

  /// Whether the process may take only so much address space, so that none is reserved far ahead.
  ///
  /// Read again each time: a limit may be set later than the first cache is made.
  static var isLimited: Bool {
    var limit = rlimit()
    #if canImport(Glibc)
      let status = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    #else
      let status = getrlimit(RLIMIT_AS, &limit)
    #endif
    // More than any machine has: there is no limit.
    return status == 0 && limit.rlim_cur < 1 << 56
  }

  /// Has a column take at least as much address space as it needs.
  ///
  /// Its pages move with their contents; none is copied where the system can move them, and at the
  /// most a small part is there twice where it cannot.
  ///
  /// - Parameters:
  ///   - base: The column's first byte; another one afterwards if it had to move.
  ///   - reserved: The bytes that the column has; 0 for a column that is not there yet.
  ///   - needed: The bytes it needs.
  ///   - used: The bytes from the first on that may ever have been written.
  /// - Returns: `false` if the system does not grant so much; then nothing has changed.
  static func extend(
    _ base: inout UnsafeMutableRawPointer, reserved: inout Int, to needed: Int, used: Int
  ) -> Bool {
    let needed = VirtualMemory.roundedUpToPages(needed)
    guard needed > reserved else { return true }
    let larger =
      reserved == 0
      ? VirtualMemory.reserve(byteCount: needed)
      : moved(base, from: reserved, to: needed, used: used)
    guard let larger else { return false }
    base = larger
    reserved = needed
    return true
  }

  private static func moved(
    _ base: UnsafeMutableRawPointer, from reserved: Int, to needed: Int, used: Int
  ) -> UnsafeMutableRawPointer? {
    if let remap {
      let moved = remap(base, reserved, needed, mayMove)
      return moved == MAP_FAILED ? nil : moved
    }
    guard let copy = VirtualMemory.reserve(byteCount: needed) else { return nil }
    move(base, to: copy, byteCount: used)
    VirtualMemory.release(base, byteCount: reserved)
    return copy
  }

  /// Moves bytes from one region to another in steps, so that few of them are resident twice.
  package static func move(
    _ source: UnsafeMutableRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int
  ) {
    var offset = 0
    while offset < byteCount {
      let end = min(offset + copiedByteCount, byteCount)
      (target + offset).copyMemory(from: source + offset, byteCount: end - offset)
      VirtualMemory.discard(in: source, from: offset, to: end)
      offset = end
    }
  }

  /// Bytes that are copied at once where pages cannot be moved.
  private static let copiedByteCount = 1 << 20

  private typealias Remap =
    @convention(c) (UnsafeMutableRawPointer, Int, Int, Int32) -> UnsafeMutableRawPointer?

  /// MREMAP_MAYMOVE, linux/mman.h.
  private static let mayMove: Int32 = 1

  /// The C library's `mremap`, which Swift does not import for its variable number of arguments;
  /// `nil` where there is none.
  private static let remap: Remap? = {
    #if os(Linux) && (arch(x86_64) || arch(arm64) || arch(riscv64))
      guard let program = dlopen(nil, RTLD_LAZY), let symbol = dlsym(program, "mremap") else {
        return nil
      }
      return unsafeBitCast(symbol, to: Remap.self)
    #else
      return nil
    #endif
  }()
}
