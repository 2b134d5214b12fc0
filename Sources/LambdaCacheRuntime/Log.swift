public import LambdaCache

/// Writes one line to the function's log, whole and at once: another thread's line does not come in
/// between, and a crash does not lose it.
///
/// ```swift
/// import LambdaCache
/// import LambdaCacheRuntime
///
/// log("12 profiles loaded")
/// log("the table is being moved", level: .warn)
/// ```
///
/// In an invocation the line has its request identifier. Lambda's variables decide the rest: where
/// `AWS_LAMBDA_LOG_FORMAT` is `JSON` it is an object with `timestamp`, `level`, `requestId` and
/// `message`, and lines below `AWS_LAMBDA_LOG_LEVEL` are left out; without that variable, those
/// below INFO.
///
/// - Parameters:
///   - message: The message, which is made only if the line is written. In a line of text, control
///     characters become blanks, so that it stays one line.
///   - level: How serious it is.
/// - Complexity: O(*n*) in the length of the message; one system call, which waits for a reader
///   that is behind.
public func log(_ message: @autoclosure () -> String, level: LogLevel = .info) {
  Log.write(message(), level: level, requestID: LambdaContext.current?.requestID)
}
