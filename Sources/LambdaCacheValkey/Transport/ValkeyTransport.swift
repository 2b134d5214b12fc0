/// A connection that carries the bytes of a ``ValkeyTier``: plain TCP, or TLS of another package.
///
/// An object is one connection: it is made, connected once, used and closed. Its methods are called
/// one after the other, on threads that belong to the tier. Only ``connect(to:within:)`` may block.
public protocol ValkeyTransport: AnyObject {
  /// Connects, and is ready to send when it returns: with TLS, after the handshake.
  ///
  /// - Parameters:
  ///   - endpoint: The server.
  ///   - limit: The longest time that it may take.
  /// - Throws: Any error, which is the reason why there is no connection.
  func connect(to endpoint: Endpoint, within limit: Duration) throws

  /// Receives the bytes that are there, without waiting.
  ///
  /// It is called again until it returns `nil`, and then when there is something to read from
  /// ``descriptor``.
  ///
  /// - Parameter buffer: The memory for the bytes, which is not empty.
  /// - Returns: The number of bytes; 0 when the server has ended the connection, `nil` when there
  ///   is nothing yet.
  /// - Throws: Any error, when the connection is broken.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int?

  /// Sends the first of some bytes, as many as can be sent without waiting.
  ///
  /// - Parameter bytes: The bytes, at least one.
  /// - Returns: The number of bytes sent; `nil` when none can be sent now: then it is called again
  ///   with the same bytes, and perhaps more behind them, when ``descriptor`` can be written to.
  /// - Throws: Any error, when the connection is broken.
  func write(_ bytes: UnsafeRawBufferPointer) throws -> Int?

  /// Closes the connection, without waiting, also when it was never made.
  func close()

  /// The socket that is waited for between calls, once there is a connection.
  var descriptor: Int32 { get }
}
