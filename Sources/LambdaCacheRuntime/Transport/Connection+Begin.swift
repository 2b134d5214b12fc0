/// Exchanges begun by a thread that must not be held up, and ended by one that may wait.
extension Connection {
  /// Sends a small request on the idle connection, and takes the response if it comes soon.
  ///
  /// It makes no connection, and whatever the peer does it waits no longer than `patience`.
  /// The next `exchange(_:patience:)`, which must be for the same request, goes on from there: it has
  /// the response, or what was wrong with it, or waits for what is missing.
  ///
  /// - Returns: Whether the whole response is here, and is a success.
  func begin(_ request: HTTPRequest, within patience: Duration) -> Bool {
    precondition(begun == nil, "the exchange before has not ended")
    guard request.isSmall, let idle = socket, !idle.isStale else { return false }
    let bytes = request.head + request.body
    // What fails now fails again in the exchange, which says why.
    guard let count = try? idle.send(bytes, from: 0, waits: false) else { return false }
    let rest = count < bytes.count ? [Array(bytes[count...])] : []
    socket = nil
    parser.reset()
    var exchange = Exchange(
      socket: idle, isReused: true, limit: limitFromNow, unsent: rest[...])
    let isComplete = rest.isEmpty && takeWhatComes(to: &exchange, within: patience)
    begun = exchange
    return isComplete && (200..<300).contains(parser.head.status)
  }

  /// Receives until the response is complete, the time is over, or something is wrong.
  ///
  /// - Returns: Whether the response is complete.
  private func takeWhatComes(to exchange: inout Exchange, within patience: Duration) -> Bool {
    let end = SuspendingClock.now + patience
    while true {
      let left = max(.zero, end - SuspendingClock.now)
      // An end or an error of the connection is left for the exchange, which finds it again.
      guard (try? exchange.socket.waitUntilReadable(within: left)) == .ready,
        let count = try? exchange.socket.receiveAvailable(into: buffer), count > 0
      else { return false }
      do throws(HTTPSyntaxError) {
        let consumed = try parser.consume(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        exchange.isAlone = consumed == count
      } catch {
        exchange.fault = error
        return false
      }
      if parser.isComplete { return true }
    }
  }
}
