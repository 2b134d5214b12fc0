/// The attempts of one exchange: after a lost connection again on a new one, with pauses between
/// them.
///
/// Requesting the next event twice is safe: Lambda regards an event that was not received whole as
/// not yet handled. Answering an invocation twice is safe, because Lambda refuses the
/// second answer with a status of 400 to 499.
struct Attempts {
  private var delays: ArraySlice<Duration>
  private var hasTimedOut = false
  private var hasLostReused = false
  /// Whether one of the attempts that failed may have reached the API.
  private(set) var mayHaveArrived = false

  /// - Parameter delays: The pauses before further attempts; their number bounds these.
  init(delays: [Duration]) {
    self.delays = delays[...]
  }

  /// Decides about another attempt after a failure.
  ///
  /// A peer that does not answer costs the whole limit each time, so that only one further attempt
  /// follows.
  ///
  /// - Returns: The pause before the next attempt; `nil` if none is to be made.
  mutating func pause(after error: TransportError) -> Duration? {
    switch error {
    case .unreachable:
      break
    case .closedBeforeAnswer(_, reusedConnection: true) where !hasLostReused:
      // The peer has closed a connection that was idle for long, which says nothing about a new
      // one.
      hasLostReused = true
      mayHaveArrived = true
      return .zero
    case .closedBeforeAnswer, .closedWithinAnswer:
      mayHaveArrived = true
    case .timedOut:
      guard !hasTimedOut else { return nil }
      hasTimedOut = true
      mayHaveArrived = true
    case .answeredEarly, .malformed, .failed, .stopped:
      return nil
    }
    return delays.popFirst()
  }
}
