internal import LambdaCacheTransport

/// Plain TCP.
public final class PlainTransport: ValkeyTransport {
  private var socket: Socket?

  /// Makes a connection that is not connected yet.
  public init() {}

  /// Connects to the first of the host's addresses that answers.
  ///
  /// - Parameters:
  ///   - endpoint: The server.
  ///   - limit: The longest wait for each address.
  /// - Throws: ``ValkeyError/unreachable(_:)``.
  public func connect(to endpoint: Endpoint, within limit: Duration) throws {
    do throws(SocketError) {
      socket = try Socket.connect(to: endpoint.address, within: limit)
    } catch {
      switch error {
      case .unreachable(let text): throw ValkeyError.unreachable(text)
      case .failed(let failure): throw ValkeyError.unreachable(failure.description)
      }
    }
  }

  /// Receives the bytes that are there, without waiting.
  ///
  /// - Parameter buffer: The memory for the bytes.
  /// - Returns: The number of bytes; 0 when the server has ended the connection, `nil` when there
  ///   is nothing yet.
  /// - Throws: ``ValkeyError/connectionLost(_:)``.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int? {
    try withSocket { socket throws(SystemError) in try socket.receive(into: buffer) }
  }

  /// Sends the first of some bytes, as many as can be sent without waiting.
  ///
  /// - Parameter bytes: The bytes.
  /// - Returns: The number of bytes sent; `nil` when none can be sent now.
  /// - Throws: ``ValkeyError/connectionLost(_:)``.
  public func write(_ bytes: UnsafeRawBufferPointer) throws -> Int? {
    try withSocket { socket throws(SystemError) in try socket.send(bytes) }
  }

  /// Closes the connection.
  public func close() {
    socket = nil
  }

  /// The socket; -1 when there is no connection.
  public var descriptor: Int32 { socket?.descriptor ?? -1 }

  private func withSocket(_ body: (Socket) throws(SystemError) -> Int?) throws -> Int? {
    guard let socket else { throw ValkeyError.connectionLost("not connected") }
    do throws(SystemError) {
      return try body(socket)
    } catch {
      throw ValkeyError.connectionLost(error.description)
    }
  }
}
