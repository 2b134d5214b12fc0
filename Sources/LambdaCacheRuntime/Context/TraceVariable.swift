import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// `_X_AMZN_TRACE_ID`, which the runtime sets for every invocation (AWS Lambda developer guide,
/// "Building a custom runtime"), so that the AWS and X-Ray SDKs in the handler find the trace.
///
/// glibc never frees the strings of `setenv`, about 150 bytes per invocation. `putenv` stores a
/// pointer, so that two buffers, used in turn, serve all invocations. The one just replaced is not
/// touched until the next but one value, because a task may still read it.
enum TraceVariable {
  static let name = "_X_AMZN_TRACE_ID"

  /// Two strings of the form `name=value`, NUL-terminated.
  ///
  /// The environment points at one of them, so they are only ever replaced by larger ones and never
  /// freed.
  private struct Buffers: ~Copyable {
    var current: UnsafeMutableBufferPointer<CChar> = .allocate(capacity: 512)
    var other: UnsafeMutableBufferPointer<CChar> = .allocate(capacity: 512)
  }

  private static let buffers = Mutex(Buffers())

  /// Sets the variable, or removes it for `nil`.
  static func set(_ value: String?) {
    buffers.withLock { buffers in
      guard let value else {
        unsetenv(name)
        return
      }
      let entry = "\(name)=\(value)".utf8CString
      if buffers.other.count < entry.count {
        buffers.other = .allocate(capacity: 2 * entry.count)
      }
      _ = buffers.other.update(from: entry)
      putenv(buffers.other.baseAddress!)
      swap(&buffers.current, &buffers.other)
    }
  }
}
