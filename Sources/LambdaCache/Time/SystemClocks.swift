#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The clocks of the system, each in nanoseconds.
@usableFromInline
package enum SystemClocks {
  @inlinable @inline(__always)
  static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    let status = clock_gettime(clock, &time)
    precondition(status == 0, "the system has no clock \(clock)")
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  /// Exact time since boot, without what a suspended machine slept.
  @usableFromInline package static var monotonic: Int64 { read(CLOCK_MONOTONIC) }

  /// Exact time of day.
  @usableFromInline package static var wall: Int64 { read(CLOCK_REALTIME) }

  /// ``monotonic`` as of the kernel's last timer tick.
  @inlinable package static var coarseMonotonic: Int64 {
    #if os(Linux)
      read(CLOCK_MONOTONIC_COARSE)
    #else
      read(CLOCK_MONOTONIC)
    #endif
  }

  /// ``wall`` as of the kernel's last timer tick.
  @usableFromInline package static var coarseWall: Int64 {
    #if os(Linux)
      read(CLOCK_REALTIME_COARSE)
    #else
      read(CLOCK_REALTIME)
    #endif
  }
}
