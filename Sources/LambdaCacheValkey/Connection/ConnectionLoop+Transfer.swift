internal import LambdaCache

/// Sending, receiving, and the loss of a connection.
extension ConnectionLoop {
  /// Sends all that waits, behind what is sent.
  func sendWaiting(on connection: OpenConnection) {
    let now = Moment.now
    if sent.isEmpty, now.since(lastReply) > options.doubtfulAge.nanoseconds {
      // The server may have ended the connection while the environment was frozen.
      receive()
      guard case .open = phase else { return }
      let left = (waiting.map(\.deadline).min() ?? now.monotonic) - now.monotonic
      doubtEnd = now.monotonic + min(options.doubtfulLimit.nanoseconds, left / 2)
    }
    for var exchange in waiting {
      exchange.attempts += 1
      outgoing.append(exchange.commands.bytes)
      sent.append(exchange)
    }
    waiting = []
  }

  /// Writes what can be written now.
  func flush() {
    guard case .open(let connection) = phase, !outgoing.isEmpty else { return }
    do {
      try outgoing.send { try connection.transport.write($0) }
    } catch {
      lose(error as? ValkeyError ?? .connectionLost("\(error)"))
    }
  }

  /// Reads what is there, but not without end: limits are looked at in between.
  func receive() {
    guard case .open(var connection) = phase else { return }
    mayHaveMore = false
    // Only one reference to what the parser has collected.
    phase = .idle
    for _ in 0..<16 {
      do {
        guard let count = try connection.transport.read(into: buffer) else {
          phase = .open(connection)
          return
        }
        guard count > 0 else {
          phase = .open(connection)
          return lose(.connectionLost("closed by the server"))
        }
        doubtEnd = .max
        let isUsable = try take(
          UnsafeRawBufferPointer(rebasing: buffer[..<min(count, buffer.count)]),
          &connection.parser)
        guard isUsable else {
          phase = .open(connection)
          return lose(.connectionLost("the server no longer takes writes"))
        }
      } catch let error as RESPSyntaxError {
        phase = .open(connection)
        return lose(.malformedReply(error.description), repeats: false)
      } catch {
        phase = .open(connection)
        return lose(error as? ValkeyError ?? .connectionLost("\(error)"))
      }
    }
    phase = .open(connection)
    mayHaveMore = true
  }

  /// Reads replies and gives them to those that wait for them.
  ///
  /// - Returns: Whether the connection is of further use: not if the server has become a replica,
  ///   as after a failover, whose name leads to another by now.
  private func take(
    _ bytes: UnsafeRawBufferPointer, _ parser: inout RESPParser
  ) throws(RESPSyntaxError) -> Bool {
    var offset = 0
    var isUsable = true
    while let reply = try parser.next(in: bytes, from: &offset) {
      if case .push = reply { continue }
      guard let index = sent.indices.first else { throw .unexpectedReply }
      sent[index].replies.append(reply)
      if case .error(let text) = reply, text.starts(with: "READONLY".utf8) { isUsable = false }
      guard sent[index].isComplete else { continue }
      var exchange = sent.removeFirst()
      lastReply = .now
      exchange.finish(.success(exchange.replies))
    }
    return isUsable
  }

  /// Closes the connection.
  ///
  /// All operations may be repeated, so those that had no answer are sent once more, on the next
  /// connection.
  ///
  /// - Parameters:
  ///   - error: The reason, for those that are not repeated.
  ///   - repeats: Whether it can help to repeat any.
  func lose(_ error: ValkeyError, repeats: Bool = true) {
    lastFailure = error
    if case .open(let connection) = phase { connection.transport.close() }
    if case .connecting = phase {} else { phase = .idle }
    mayHaveMore = false
    doubtEnd = .max
    outgoing.removeAll()
    let now = SystemClocks.monotonic
    var again: [Exchange] = []
    for var exchange in sent where !exchange.isAbandoned {
      if repeats, exchange.attempts < 2, exchange.deadline > now {
        exchange.replies = []
        again.append(exchange)
      } else {
        exchange.finish(.failure(error))
      }
    }
    sent = []
    waiting = again + waiting
  }
}
