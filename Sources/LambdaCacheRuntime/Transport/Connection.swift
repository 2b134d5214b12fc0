/// One kept-alive connection to an endpoint, opened when it is needed.
///
/// Exchanges go one after the other. The receive buffer is the only memory kept between them; it
/// has a fixed size, so a large event leaves nothing behind once its handler has dropped it.
final class Connection {
  /// How long to wait for the first byte of a response.
  enum Patience {
    /// As long as `Timeouts` say.
    case bounded
    /// For ever, unless one of the signals fires.
    case unlimited(stops: [StopSignal])
  }

  private let endpoint: Endpoint
  let timeouts: Timeouts
  private let buffer: UnsafeMutableRawBufferPointer
  private var socket: Socket?
  /// The connection on which a body is being sent piece by piece.
  var upload: Socket?
  private(set) var parser: HTTPResponseParser

  /// Requests up to this size in bytes leave in one piece, head and body copied together.
  private static let combinedByteCount = 16_384
  private static let bufferByteCount = 65_536

  init(endpoint: Endpoint, timeouts: Timeouts) {
    self.endpoint = endpoint
    self.timeouts = timeouts
    self.buffer = .allocate(byteCount: Self.bufferByteCount, alignment: 16)
    self.parser = HTTPResponseParser()
  }

  deinit {
    buffer.deallocate()
  }

  /// Sends a request and receives its response.
  ///
  /// The connection of the last exchange is used again if it is still open, else a new one is made.
  /// Any failure closes it.
  func exchange(
    _ request: HTTPRequest, patience: Patience = .bounded
  ) throws(TransportError) -> HTTPResponse {
    let (socket, isReused) = try openSocket()
    // A peer may answer before it has read everything and then close, as with 413: what breaks
    // the sending is only reported when there is no answer either.
    let sendFailure = try send(request, on: socket)
    if case .unlimited(let stops) = patience { try awaitAnswer(on: socket, stops) }
    let limit = ExchangeLimit(total: timeouts.exchange, inactivity: timeouts.inactivity)
    let isAlone = try receive(
      on: socket, limit: limit, isReused: isReused, sendFailure: sendFailure)
    let response = takeResponse()
    if response.keepsConnection, isAlone, sendFailure == nil { self.socket = socket }
    return response
  }

  /// Takes the idle connection if it is still open, or makes one; it comes back only after a clean
  /// exchange.
  func openSocket() throws(TransportError) -> (socket: Socket, isReused: Bool) {
    parser.reset()
    if let idle = socket {
      socket = nil
      if !idle.isStale { return (idle, true) }
    }
    return (try .connect(to: endpoint, timeouts: timeouts), false)
  }

  func takeResponse() -> HTTPResponse { parser.takeMessage() }
}

// MARK: - Sending

extension Connection {
  /// Sends a request.
  ///
  /// - Returns: `nil`, or what broke the connection.
  /// - Throws: `TransportError.timedOut`.
  private func send(
    _ request: HTTPRequest, on socket: Socket
  ) throws(TransportError) -> SystemError? {
    let limit = ExchangeLimit(total: timeouts.exchange, inactivity: timeouts.inactivity)
    if request.head.count + request.body.count <= Self.combinedByteCount {
      return try socket.sendAll(request.head + request.body, limit: limit)
    }
    if let failure = try socket.sendAll(request.head, limit: limit) { return failure }
    return try socket.sendAll(request.body, limit: limit)
  }
}

// MARK: - Receiving

extension Connection {
  /// Receives one response into the parser.
  ///
  /// - Returns: Whether nothing but the response has arrived, and the peer has not closed.
  func receive(
    on socket: Socket, limit: ExchangeLimit, isReused: Bool, sendFailure: SystemError?
  ) throws(TransportError) -> Bool {
    while true {
      let count: Int
      do throws(SystemError) {
        count = try socket.receive(into: buffer)
      } catch {
        if error.isTimeout {
          try limit.checkPause()
          continue
        }
        throw loss((sendFailure ?? error).description, isReused)
      }
      guard count > 0 else {
        do throws(HTTPSyntaxError) {
          try parser.finish()
          return false
        } catch {
          throw loss(sendFailure?.description ?? "closed by the peer", isReused)
        }
      }
      let received = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      do throws(HTTPSyntaxError) {
        let consumed = try parser.consume(received)
        if parser.isComplete { return consumed == count }
      } catch {
        throw .malformed(error)
      }
      try limit.check()
    }
  }

  /// Waits for the first byte without limit.
  ///
  /// What the wait itself cannot report, such as a reset connection, the next `receive` does.
  private func awaitAnswer(on socket: Socket, _ stops: [StopSignal]) throws(TransportError) {
    let outcome: FileDescriptor.WaitOutcome
    do throws(SystemError) {
      outcome = try socket.waitUntilReadable(orUntil: stops)
    } catch {
      throw .failed(error)
    }
    if outcome == .stopped { throw .stopped }
  }

  private func loss(_ reason: String, _ isReused: Bool) -> TransportError {
    parser.hasBegun
      ? .closedWithinAnswer(reason: reason)
      : .closedBeforeAnswer(reason: reason, reusedConnection: isReused)
  }
}
