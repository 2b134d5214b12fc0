/// The log of the function: lines on standard error, which Lambda sends there.
///
/// Everything that the library has to say goes this way, and so does what a program says with the
/// runtime's `log`.
package enum Log {
  /// Takes the messages in the place of standard error, for tests; `nil` for standard error.
  @TaskLocal package static var sink: (@Sendable (String) -> Void)?

  /// The form of the lines; another one than the environment's for tests.
  @TaskLocal package static var format = LogFormat.current

  /// The identifier of the invocation that the present task belongs to; a runtime sets it.
  private static let requestIDSource = Locked<(@Sendable () -> String?)?>(nil)

  /// Has lines name the invocation that they belong to.
  ///
  /// - Parameter source: The identifier of the invocation of the present task, `nil` outside of
  ///   one.
  package static func setRequestIDSource(_ source: @escaping @Sendable () -> String?) {
    requestIDSource.withLock { $0 = source }
  }

  /// Writes one whole line if its level is high enough.
  ///
  /// A line that the system refuses is lost. No lock of a cache may be held.
  ///
  /// - Parameters:
  ///   - message: The message.
  ///   - level: How serious it is.
  ///   - requestID: The invocation; `nil` for the one that the present task belongs to.
  package static func write(
    _ message: @autoclosure () -> String, level: LogLevel, requestID: String? = nil
  ) {
    let format = format
    guard level >= format.threshold else { return }
    if let sink { return sink(message()) }
    let source = requestIDSource.withLock { $0 }
    let line = format.line(
      message(), level: level, requestID: requestID ?? source?(), time: SystemClocks.wall)
    // There is nowhere left to report a failure.
    try? LogStream.standardError.write(line)
  }
}
