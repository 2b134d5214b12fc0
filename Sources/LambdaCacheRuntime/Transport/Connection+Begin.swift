internal import LambdaCacheTransport

/// Exchanges that are begun by a thread that must not block, and ended by one that may.
extension Connection {
  /// Sends a small request on the idle connection, and takes the response if it comes soon.
  ///
  /// It makes no connection, and never waits longer than `patience`. The next
  /// `exchange(_:patience:)`, which must be for the same request, continues from there: it has the
  /// response or its fault, or waits for the rest.
  ///
  /// - Returns: Whether the whole response is here, and is a success.
  func begin(_ request: HTTPRequest, within patience: Duration) -> Bool {
    precondition(begun == nil, "the exchange before has not ended")
    guard request.isSmall, let idle = socket, !idle.isStale else { return false }
    let bytes = request.head + request.body
    // The exchange sends the bytes that cannot be sent now, perhaps on another connection.
    guard let count = try? idle.send(bytes, from: 0) else { return false }
    let rest = count < bytes.count ? [Array(bytes[count...])] : []
    socket = nil
    parser.reset()
    var exchange = Exchange(
      socket: idle, isReused: true, limit: limitFromNow, unsent: rest[...])
    let isComplete = rest.isEmpty && takeWhatComes(to: &exchange, within: patience)
    begun = exchange
    return isComplete && parser.head.isSuccess
  }

  /// Receives until the response is complete, the time is over, or something is wrong.
  ///
  /// - Returns: Whether the response is complete.
  private func takeWhatComes(to exchange: inout Exchange, within patience: Duration) -> Bool {
    let end = SuspendingClock.now + patience
    while true {
      let left = end - SuspendingClock.now
      guard left > .zero, (try? exchange.socket.waitUntilReadable(within: left)) == .ready else {
        return false
      }
      do throws(SystemError) {
        // The end of the connection is left for the exchange, which finds it again.
        guard let count = try exchange.socket.receive(into: buffer), count > 0 else {
          return false
        }
        // A freeze may have come before the first byte.
        if !parser.hasBegun { exchange.limit = limitFromNow }
        guard take(count, for: &exchange) else { return false }
      } catch {
        // Unlike the end, an error is reported only once.
        exchange.fault = loss(error.description, exchange.isReused)
        return false
      }
      if parser.isComplete { return true }
    }
  }

  /// Parses received bytes.
  ///
  /// - Returns: `false` if it is malformed.
  private func take(_ count: Int, for exchange: inout Exchange) -> Bool {
    do throws(HTTPSyntaxError) {
      let consumed = try parser.consume(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      exchange.isClean = consumed == count
      return true
    } catch {
      exchange.fault = .malformed(error)
      return false
    }
  }
}
