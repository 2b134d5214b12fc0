// The C library's `stdout` is a variable, which nothing here changes.
#if canImport(Glibc)
  @preconcurrency import Glibc
#elseif canImport(Musl)
  @preconcurrency import Musl
#elseif canImport(Darwin)
  @preconcurrency import Darwin
#endif

/// The standard output of a process as it is where it goes to a pipe.
enum BufferedOutput {
  /// Has lines kept until 64 KiB are written.
  static func begin() { setvbuf(stdout, nil, _IOFBF, 1 << 16) }
}
