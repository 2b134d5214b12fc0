/// The bounds on every wait except the wait for the next event.
struct Timeouts: Sendable {
  /// One wait for a response on the thread of a handler, before another thread continues the wait.
  ///
  /// Nothing else runs on that thread meanwhile, so it is short; an event that follows at once is
  /// here within a fraction of it. There are two such waits after an invocation, for the receipt of
  /// its answer and for the next event, each rounded up to whole milliseconds. Lambda freezes an
  /// environment that has no event to handle, perhaps in the second.
  var onHandlerThread = Duration.milliseconds(2)
  /// Making a connection, for each address of the host.
  var connect = Duration.seconds(5)
  /// One send or receive in which not a single byte moves.
  var inactivity = Duration.seconds(10)
  /// A whole exchange, from the first byte sent, or of the next event from the first byte received.
  var exchange = Duration.seconds(60)
  /// The longest wait for an event that is in transit when the service is stopped.
  var drain = Duration.milliseconds(50)
  /// The longest wait for clients of the local server to take their last answers when it is
  /// stopped.
  var lastAnswers = Duration.seconds(2)
  /// The pauses before another attempt, one for each; their number bounds the attempts.
  ///
  /// If one connection in twenty breaks, all eight attempts fail once in 25 thousand million times.
  var retryDelays: [Duration] = [
    .milliseconds(10), .milliseconds(20), .milliseconds(50), .milliseconds(100),
    .milliseconds(250), .milliseconds(500), .milliseconds(1000),
  ]

  static let standard = Timeouts()
}
