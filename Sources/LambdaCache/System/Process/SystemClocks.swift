#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The clocks of the system, each in nanoseconds.
package enum SystemClocks {
  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    let status = clock_gettime(clock, &time)
    precondition(status == 0, "the system has no clock \(clock)")
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  /// Exact time since boot, including the time that the machine was suspended.
  package static var boot: Int64 {
    #if os(Linux)
      read(CLOCK_BOOTTIME)
    #else
      // Goes on in sleep on Darwin.
      read(CLOCK_MONOTONIC)
    #endif
  }

  /// Exact time since boot, perhaps without the time that the machine was suspended.
  package static var monotonic: Int64 { read(CLOCK_MONOTONIC) }

  /// Exact time of day.
  package static var wall: Int64 { read(CLOCK_REALTIME) }

  /// ``wall`` as of the kernel's last timer tick.
  package static var coarseWall: Int64 {
    #if os(Linux)
      read(CLOCK_REALTIME_COARSE)
    #else
      read(CLOCK_REALTIME)
    #endif
  }

  /// Nanoseconds between two steps of the coarse clocks.
  package static var coarseStep: Int64 {
    #if os(Linux)
      var step = timespec()
      let status = clock_getres(CLOCK_MONOTONIC_COARSE, &step)
      precondition(status == 0, "the system does not know the step of its coarse clock")
      return Int64(step.tv_sec) * 1_000_000_000 + Int64(step.tv_nsec)
    #else
      return 0
    #endif
  }
}
