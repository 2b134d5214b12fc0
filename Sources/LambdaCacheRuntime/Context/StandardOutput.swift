// The C library's `stdout` is a variable, which nothing here or elsewhere changes.
#if canImport(Glibc)
  @preconcurrency import Glibc
#elseif canImport(Musl)
  @preconcurrency import Musl
#elseif canImport(Darwin)
  @preconcurrency import Darwin
#endif

/// The buffer of `print`.
enum StandardOutput {
  /// Has lines written when they end.
  ///
  /// To a pipe, as it is on Lambda, the C library writes 4 KiB at a time, and what is still in its
  /// buffer is lost in a crash or belongs to a later invocation.
  static func bufferLines() {
    setvbuf(stdout, nil, _IOLBF, 0)
  }
}
