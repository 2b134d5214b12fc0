#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Has the process of an exit test end by a signal when ``patience`` is over, should it hang.
func endWithPatience() {
  _ = alarm(UInt32(patience.components.seconds))
}
