import LambdaCache

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How long something is waited for that comes at once on an idle machine: ten minutes, since
/// beside all other tests, under a sanitizer, it may take some.
///
/// Where one suite runs alone, `LAMBDA_CACHE_TEST_PATIENCE` sets another number of seconds, so that
/// a fault shows soon.
package let patience: Duration = .seconds(patienceInSeconds(orElse: 600))

/// A time that is never over in a test that passes: an hour, or as ``patience`` in the environment.
package let unreachedTime: Duration = .seconds(unreachedSeconds)

/// The seconds of ``unreachedTime``.
package let unreachedSeconds = patienceInSeconds(orElse: 3_600)

private func patienceInSeconds(orElse seconds: Int) -> Int {
  ProcessEnvironment.current["LAMBDA_CACHE_TEST_PATIENCE"].flatMap(Int.init) ?? seconds
}

/// Has the process of an exit test end by a signal when ``patience`` is over, should it hang.
package func endWithPatience() {
  _ = alarm(UInt32(patience.components.seconds))
}
