/// How long one exchange may take.
struct ExchangeLimit {
  /// The longest that nothing may move, or `nil` when only the whole counts.
  var inactivity: Duration?
  /// The longest that all of it may take.
  let total: Duration
  private let end: SuspendingClock.Instant

  /// Begins to count now.
  init(total: Duration, inactivity: Duration?) {
    self.total = total
    self.inactivity = inactivity
    end = SuspendingClock.now + total
  }

  /// - Throws: `TransportError.timedOut` when the time is up.
  func check() throws(TransportError) {
    guard SuspendingClock.now < end else { throw .timedOut(after: total) }
  }

  /// Judges a call that has waited as long as the socket lets it, in which nothing moved.
  ///
  /// - Throws: `TransportError.timedOut`, unless pauses are no failure and there is time left.
  func checkPause() throws(TransportError) {
    if let inactivity { throw .timedOut(after: inactivity) }
    try check()
  }
}
