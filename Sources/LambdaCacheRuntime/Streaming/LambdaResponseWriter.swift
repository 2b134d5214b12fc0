/// Writes the response of one invocation piece by piece, while the handler runs.
///
/// The caller receives the pieces as they are written, if it invokes with
/// `InvokeWithResponseStream`, or through a function URL whose invoke mode is `RESPONSE_STREAM`. A
/// response may be larger than 6 MB then.
///
/// `start(…)` comes first and may be left out, `finish()` comes last and is done by the runtime
/// when the handler returns. If the handler throws before anything was sent, the error is the
/// answer; later it is appended to what was sent, as Lambda defines it.
///
/// Each call suspends until the system has taken all bytes, so that a slow receiver slows the
/// handler down; it waits at most until the invocation's deadline. Calls of several tasks are
/// carried out one after the other. All throw `LambdaRuntimeError` if the response cannot take what
/// is written (`notWritable`), or its receiver cannot be reached any more, has taken nothing until
/// the deadline, or has refused the response.
public struct LambdaResponseWriter: Sendable {
  private let channel: any InvocationChannel
  private let serial: Int

  init(_ channel: any InvocationChannel, serial: Int) {
    self.channel = channel
    self.serial = serial
  }

  /// Begins the response.
  ///
  /// - Parameter contentType: The media type of the body; arbitrary bytes if left out.
  /// - Throws: `LambdaRuntimeError`.
  public func start(
    contentType: String = "application/octet-stream"
  ) async throws(LambdaRuntimeError) {
    try await channel.start(serial, contentType: contentType, [])
  }

  /// Begins the response to an HTTP request, for a function URL or an API Gateway that streams.
  ///
  /// - Parameter head: Status, header fields and cookies.
  /// - Throws: `LambdaRuntimeError`.
  public func start(_ head: LambdaHTTPResponseHead) async throws(LambdaRuntimeError) {
    try await channel.start(
      serial, contentType: LambdaHTTPResponseHead.contentType, head.prelude())
  }

  /// Sends a part of the body, as one chunk for every 64 KiB.
  ///
  /// - Parameter bytes: The part; an empty one only begins the response.
  /// - Throws: `LambdaRuntimeError`.
  public func write(_ bytes: [UInt8]) async throws(LambdaRuntimeError) {
    try await channel.write(serial, bytes)
  }

  /// Sends a part of the body as UTF-8.
  ///
  /// - Parameter text: The part; an empty one only begins the response.
  /// - Throws: `LambdaRuntimeError`.
  public func write(_ text: String) async throws(LambdaRuntimeError) {
    try await write(Array(text.utf8))
  }

  /// Ends the response.
  ///
  /// Work of the handler behind this call runs before the next event is requested, and no caller
  /// waits for it.
  ///
  /// - Throws: `LambdaRuntimeError`.
  public func finish() async throws(LambdaRuntimeError) {
    try await channel.finish(serial)
  }
}
