/// The time limits of an exchange.
struct ExchangeLimit {
  /// The longest time without progress, or `nil` when only the whole counts.
  var inactivity: Duration?
  /// The longest time for the whole exchange.
  let total: Duration
  private let end: SuspendingClock.Instant

  /// Starts the time limit now.
  init(total: Duration, inactivity: Duration?) {
    self.total = total
    self.inactivity = inactivity
    end = SuspendingClock.now + total
  }

  /// - Throws: `TransportError.timedOut` when the time is up.
  func check() throws(TransportError) {
    guard SuspendingClock.now < end else { throw .timedOut(after: total) }
  }

  /// The longest wait from now on.
  var pause: Duration { max(.zero, min(inactivity ?? total, end - SuspendingClock.now)) }

  /// Checks the limits after a wait of `pause` without progress.
  ///
  /// - Throws: `TransportError.timedOut`, unless there is time left for another.
  func checkPause() throws(TransportError) {
    try check()
    if let inactivity { throw .timedOut(after: inactivity) }
  }
}
