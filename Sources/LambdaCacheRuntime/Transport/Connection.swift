internal import LambdaCacheTransport

/// One kept-alive connection to an endpoint, opened when it is needed.
///
/// Exchanges go one after the other. The receive buffer is the only memory kept between them; it
/// has a fixed size, so a large event leaves nothing behind once its handler has dropped it.
final class Connection {
  /// The wait for the first byte of a response.
  enum Patience {
    /// As long as `Timeouts` allow.
    case bounded
    /// Without limit, until one of the signals fires.
    case unlimited(stops: [StopSignal])
  }

  /// An exchange whose request has been sent, or begun to be.
  struct Exchange {
    let socket: Socket
    let isReused: Bool
    var limit: ExchangeLimit
    /// The rest of the request.
    var unsent: ArraySlice<[UInt8]>
    /// The failure of the sending.
    var sendFailure: SystemError?
    /// Whether nothing but the response has arrived, and the peer has not closed.
    var isClean = false
    /// The failure of the response.
    var fault: TransportError?
  }

  private let endpoint: Endpoint
  let timeouts: Timeouts
  let buffer: UnsafeMutableRawBufferPointer
  var socket: Socket?
  /// The exchange that `begin(_:within:)` has begun and `exchange(_:patience:)` has not yet ended.
  var begun: Exchange?
  /// The connection on which a body is being sent piece by piece.
  var upload: Socket?
  var parser: HTTPResponseParser

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
  /// Any failure closes it. If the exchange has been begun (`begin(_:within:)`), this is the rest
  /// of it.
  func exchange(
    _ request: HTTPRequest, patience: Patience = .bounded
  ) throws(TransportError) -> HTTPResponse {
    var exchange: Exchange
    if let begun {
      exchange = begun
      self.begun = nil
    } else {
      exchange = try opened(for: request)
    }
    if let fault = exchange.fault { throw fault }
    // A peer may answer before it has read everything and then close, as with 413: a failure of the
    // sending is only reported when there is no answer either.
    try sendRest(of: &exchange)
    var isLast = false
    while !parser.isComplete {
      if parser.hasBegun {
        try exchange.limit.check()
      } else if case .unlimited(let stops) = patience {
        isLast = try awaitAnswer(on: exchange.socket, stops) == .stopped
        exchange.limit = limitFromNow
      }
      exchange.isClean = try receive(
        on: exchange.socket, limit: exchange.limit, isReused: exchange.isReused,
        sendFailure: exchange.sendFailure)
    }
    let response = takeResponse()
    if response.keepsConnection, exchange.isClean, exchange.sendFailure == nil, !isLast {
      socket = exchange.socket
    }
    return response
  }

  /// The limits of an exchange that begins now.
  var limitFromNow: ExchangeLimit {
    ExchangeLimit(total: timeouts.exchange, inactivity: timeouts.inactivity)
  }

  /// Takes the idle connection if it is still open, or makes one; it comes back only after a clean
  /// exchange.
  func openSocket() throws(TransportError) -> (socket: Socket, isReused: Bool) {
    parser.reset()
    if let idle = socket {
      socket = nil
      if !idle.isStale { return (idle, true) }
    }
    do throws(SocketError) {
      return (try .connect(to: endpoint, within: timeouts.connect), false)
    } catch {
      throw TransportError(error)
    }
  }

  func takeResponse() -> HTTPResponse { parser.takeMessage() }
}

// MARK: - Sending

extension Connection {
  private func opened(for request: HTTPRequest) throws(TransportError) -> Exchange {
    let (socket, isReused) = try openSocket()
    return Exchange(
      socket: socket, isReused: isReused, limit: limitFromNow, unsent: request.pieces)
  }

  /// Sends the rest of a request.
  ///
  /// - Throws: `TransportError.timedOut`; other failures are noted in the exchange.
  private func sendRest(of exchange: inout Exchange) throws(TransportError) {
    while exchange.sendFailure == nil, let piece = exchange.unsent.popFirst() {
      exchange.sendFailure = try exchange.socket.sendAll(piece, limit: exchange.limit)
    }
  }
}

extension HTTPRequest {
  /// Requests up to this size in bytes leave in one piece, head and body copied together.
  private static let combinedByteCount = 16_384

  var isSmall: Bool { head.count + body.count <= Self.combinedByteCount }

  fileprivate var pieces: ArraySlice<[UInt8]> { isSmall ? [head + body] : [head, body] }
}

// MARK: - Receiving

extension Connection {
  /// Receives a response into the parser, or only interim responses before it, if that is all that
  /// is here.
  ///
  /// - Returns: Whether nothing but the response has arrived, and the peer has not closed.
  func receive(
    on socket: Socket, limit: ExchangeLimit, isReused: Bool, sendFailure: SystemError?
  ) throws(TransportError) -> Bool {
    while true {
      let received: Int?
      do throws(SystemError) {
        received = try socket.receive(into: buffer)
        if received == nil, try socket.waitUntilReadable(within: limit.pause) == .ready { continue }
      } catch {
        throw loss((sendFailure ?? error).description, isReused)
      }
      guard let count = received else {
        try limit.checkPause()
        continue
      }
      guard count > 0 else {
        do throws(HTTPSyntaxError) {
          try parser.finish()
          return false
        } catch {
          throw loss(sendFailure?.description ?? "closed by the peer", isReused)
        }
      }
      do throws(HTTPSyntaxError) {
        let consumed = try parser.consume(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        if parser.isComplete || !parser.hasBegun { return consumed == count }
      } catch {
        throw .malformed(error)
      }
      try limit.check()
    }
  }

  /// Waits for the first byte without limit.
  ///
  /// A failure of the connection is reported by the next `receive`.
  ///
  /// If a signal fires, the peer may just have sent an event, which would be lost with the
  /// connection: the sending direction is ended, and bytes that arrive shortly after that are
  /// received.
  ///
  /// - Returns: `.ready`, or `.stopped` if a signal has fired and the answer is here all the same;
  ///   the connection takes no further request then.
  /// - Throws: `TransportError.stopped` if a signal has fired and nothing came.
  private func awaitAnswer(
    on socket: Socket, _ stops: [StopSignal]
  ) throws(TransportError) -> FileDescriptor.WaitOutcome {
    do throws(SystemError) {
      if try socket.waitUntilReadable(orUntil: stops) == .ready { return .ready }
      socket.endSending()
      if try socket.waitUntilReadable(within: timeouts.drain) == .ready, socket.hasInput {
        return .stopped
      }
    } catch {
      throw .failed(error)
    }
    throw .stopped
  }

  func loss(_ reason: String, _ isReused: Bool) -> TransportError {
    parser.hasBegun
      ? .closedWithinAnswer(reason: reason)
      : .closedBeforeAnswer(reason: reason, reusedConnection: isReused)
  }
}
