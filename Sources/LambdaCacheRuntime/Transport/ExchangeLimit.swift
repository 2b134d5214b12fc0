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

  /// The longest that one wait may take from now on.
  var pause: Duration { max(.zero, min(inactivity ?? total, end - SuspendingClock.now)) }

  /// Judges a wait of `pause`, in which nothing moved.
  ///
  /// - Throws: `TransportError.timedOut`, unless there is time left for another.
  func checkPause() throws(TransportError) {
    try check()
    if let inactivity { throw .timedOut(after: inactivity) }
  }
}
