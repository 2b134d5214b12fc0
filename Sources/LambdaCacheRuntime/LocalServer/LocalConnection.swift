internal import LambdaCacheTransport

/// A client's connection to the local server.
final class LocalConnection {
  /// The outcome of parsing the bytes received so far.
  enum Outcome {
    /// Nothing complete.
    case waiting
    /// A head whose sender waits for permission to send the body.
    case awaitingPermission(HTTPRequestHead)
    case request(HTTPServerRequest)
    /// Bytes that are no request; nothing after them can be parsed.
    case fault(HTTPSyntaxError)
    /// The client has gone.
    case closed
  }

  let socket: Socket
  private var parser: HTTPRequestParser
  /// Bytes received and not yet parsed: those after a complete request.
  private var pending: [UInt8] = []
  private var hasGivenPermission = false
  /// Whether received bytes are dropped, until the client has taken the last answer and closes.
  private var isClosing = false
  /// Bytes that the client has not taken yet.
  private var outgoing: [UInt8] = []
  private var outgoingOffset = 0
  /// The time at which a client that takes nothing is dropped; `nil` when nothing is unsent.
  private(set) var sendDeadline: SuspendingClock.Instant?

  init(_ socket: Socket, limits: HTTPLimits) {
    self.socket = socket
    parser = HTTPRequestParser(limits: limits)
  }

  /// Receives what there is and parses it.
  func receive() -> Outcome {
    let size = 65_536
    let outcome: Outcome? = withUnsafeTemporaryAllocation(byteCount: size, alignment: 1) { buffer in
      do throws(SystemError) {
        guard let count = try socket.receive(into: buffer) else { return .waiting }
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

  /// Parses the received bytes, up to the end of a request.
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
    return .awaitingPermission(parser.head)
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

  /// The number of bytes in memory, those included that the client has taken.
  var keptByteCount: Int { outgoing.count }

  /// The number of bytes that the client has not taken yet.
  var unsentByteCount: Int { outgoing.count - outgoingOffset }

  /// Whether an answer is unsent; no further request is read meanwhile.
  var isSending: Bool { unsentByteCount > 0 }

  /// Sends bytes, and keeps those that the client does not take now for `flush`.
  ///
  /// - Parameter patience: The longest time for which the client may take nothing.
  func send(_ bytes: [UInt8], patience: Duration) throws(SystemError) {
    // Otherwise all bytes of a client that never takes the last one would stay in memory. Taken
    // bytes are removed once they are half, so that each byte is moved once or twice.
    if outgoingOffset >= unsentByteCount {
      outgoing.removeSubrange(..<outgoingOffset)
      outgoingOffset = 0
    }
    if outgoing.isEmpty { outgoing = bytes } else { outgoing += bytes }
    try flush(patience: patience)
  }

  /// Sends unsent bytes, as many as the client takes now.
  func flush(patience: Duration) throws(SystemError) {
    if isSending, sendDeadline == nil { sendDeadline = SuspendingClock.now + patience }
    while isSending {
      guard let count = try socket.send(outgoing, from: outgoingOffset) else { return }
      outgoingOffset += count
      sendDeadline = SuspendingClock.now + patience
    }
    outgoing = []
    outgoingOffset = 0
    sendDeadline = nil
    if isClosing { socket.endSending() }
  }

  /// Ends the sending direction once the last answer has been taken.
  ///
  /// The client closes the connection itself: closing it with unread bytes would reset it, and the
  /// client might lose the answer.
  func beginClosing() {
    isClosing = true
    pending = []
    if !isSending { socket.endSending() }
  }
}
