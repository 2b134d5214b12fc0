/// A client's connection to the local server.
final class LocalConnection {
  /// What came out of the bytes received so far.
  enum Outcome {
    /// Nothing complete.
    case waiting
    /// A head whose sender waits for permission to send the body.
    case awaitingPermission
    case request(HTTPServerRequest)
    /// Something that is no request; nothing after it can be understood.
    case fault(HTTPSyntaxError)
    /// The client has gone.
    case closed
  }

  let socket: Socket
  private var parser: HTTPRequestParser
  /// Bytes received and not yet parsed: those after a complete request.
  private var pending: [UInt8] = []
  private var hasGivenPermission = false
  /// Whether what comes is thrown away, until the client has taken the last answer and closes.
  private var isClosing = false

  init(_ socket: Socket, limits: HTTPLimits) {
    self.socket = socket
    parser = HTTPRequestParser(limits: limits)
  }

  /// Receives what there is and parses it.
  func receive() -> Outcome {
    let size = 65_536
    let outcome: Outcome? = withUnsafeTemporaryAllocation(byteCount: size, alignment: 1) { buffer in
      do throws(SystemError) {
        guard let count = try socket.receiveAvailable(into: buffer) else { return .waiting }
        guard count > 0 else { return .closed }
        if isClosing { return .waiting }
        pending.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        return nil
      } catch {
        return .closed
      }
    }
    return outcome ?? parse()
  }

  /// Parses what was received, up to the end of a request.
  func parse() -> Outcome {
    if pending.isEmpty || isClosing { return .waiting }
    let bytes = pending
    pending = []
    do throws(HTTPSyntaxError) {
      let consumed = try consume(bytes)
      if parser.isComplete {
        pending.append(contentsOf: bytes[consumed...])
        hasGivenPermission = false
        return .request(parser.takeMessage())
      }
    } catch {
      return .fault(error)
    }
    guard parser.isWithinBody, parser.body.isEmpty, parser.head.expectsContinue,
      !hasGivenPermission
    else { return .waiting }
    hasGivenPermission = true
    return .awaitingPermission
  }

  private func consume(_ bytes: [UInt8]) throws(HTTPSyntaxError) -> Int {
    var result = Result<Int, HTTPSyntaxError>.success(0)
    bytes.withUnsafeBytes { raw in
      do throws(HTTPSyntaxError) {
        result = .success(try parser.consume(raw))
      } catch {
        result = .failure(error)
      }
    }
    return try result.get()
  }

  /// Sends bytes.
  ///
  /// - Throws: `TransportError` when the client has gone or takes nothing.
  func send(_ bytes: [UInt8], limit: ExchangeLimit) throws(TransportError) {
    if let failure = try socket.sendAll(bytes, limit: limit) {
      throw .closedBeforeAnswer(reason: failure.description, reusedConnection: false)
    }
  }

  /// Says that no further answer comes.
  ///
  /// The connection itself is left to the client: to close it with bytes unread would reset it, and
  /// the client might lose the answer.
  func beginClosing() {
    isClosing = true
    pending = []
    socket.endSending()
  }
}
