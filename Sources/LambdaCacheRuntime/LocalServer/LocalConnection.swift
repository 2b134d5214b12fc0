/// A client's connection to the local server.
final class LocalConnection {
  /// What came out of the bytes received so far.
  enum Outcome {
    /// Nothing complete.
    case waiting
    /// A head whose sender waits for permission to send the body.
    case awaitingPermission(HTTPRequestHead)
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
  /// Bytes that the client has not taken yet.
  private var outgoing: [UInt8] = []
  private var outgoingOffset = 0
  /// When a client that takes nothing is given up; `nil` when nothing waits to be taken.
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

  /// How many bytes are kept, those included that the client has taken.
  var keptByteCount: Int { outgoing.count }

  /// How many bytes wait to be taken by the client.
  var unsentByteCount: Int { outgoing.count - outgoingOffset }

  /// Whether an answer waits to be taken; no further request is read meanwhile.
  var isSending: Bool { unsentByteCount > 0 }

  /// Sends bytes, and keeps those that the client does not take now for `flush`.
  ///
  /// - Parameter patience: How long the client may take nothing.
  func send(_ bytes: [UInt8], patience: Duration) throws(SystemError) {
    // A client that always has more to take would have all it has ever taken kept: what it has
    // taken goes once it is half, so that each byte is moved once or twice.
    if outgoingOffset >= unsentByteCount {
      outgoing.removeSubrange(..<outgoingOffset)
      outgoingOffset = 0
    }
    if outgoing.isEmpty { outgoing = bytes } else { outgoing += bytes }
    try flush(patience: patience)
  }

  /// Sends what waits, as much as the client takes now.
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

  /// Says that no further answer comes, once the last has been taken.
  ///
  /// The connection itself is left to the client: to close it with bytes unread would reset it, and
  /// the client might lose the answer.
  func beginClosing() {
    isClosing = true
    pending = []
    if !isSending { socket.endSending() }
  }
}
