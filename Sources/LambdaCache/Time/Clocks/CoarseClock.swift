#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Time since boot as of the kernel's last timer tick, without the time that the machine was
/// suspended: it shows that time has passed, not how much.
///
/// Every look-up in a cache with deadlines reads it, in the shortest way there is: on Linux by the
/// function that the kernel maps into every process (vdso(7)), of which `clock_gettime` is the C
/// library's wrapper.
@usableFromInline
package struct CoarseClock: Sendable {
  @usableFromInline
  typealias Function = @convention(c) (clockid_t, UnsafeMutablePointer<timespec>?) -> Int32

  @usableFromInline let function: Function

  package init() {
    function = CoarseClock.shortest
  }

  @inlinable static var clock: clockid_t {
    #if os(Linux)
      CLOCK_MONOTONIC_COARSE
    #else
      CLOCK_MONOTONIC
    #endif
  }

  /// Nanoseconds of the clock.
  @inlinable package var nanoseconds: Int64 {
    // The way was tried before it was taken, and a system does not lose its clocks.
    var time = timespec()
    _ = function(CoarseClock.clock, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  private static let shortest: Function = {
    for function in [kernelFunction, libraryFunction] {
      var time = timespec()
      if let function, function(clock, &time) == 0 { return function }
    }
    preconditionFailure("the system has no clock \(clock)")
  }()

  private static var libraryFunction: Function? { { clock_gettime($0, $1!) } }

  /// The kernel's function; `nil` where there is none, or where it cannot be looked up, as in a
  /// program that is linked statically with musl.
  private static var kernelFunction: Function? {
    #if os(Linux)
      #if arch(arm64)
        let name = "__kernel_clock_gettime"
      #else
        let name = "__vdso_clock_gettime"
      #endif
      // It is loaded already, or not there at all.
      guard let library = dlopen("linux-vdso.so.1", RTLD_LAZY | RTLD_NOLOAD) else { return nil }
      return dlsym(library, name).map { unsafeBitCast($0, to: Function.self) }
    #else
      return nil
    #endif
  }
}
