/// Commands that are sent together, and their replies.
struct Exchange: Sendable {
  let id: UInt64
  let commands: RESPCommands
  let limit: Duration
  /// The end of the limit, on the monotonic clock, in nanoseconds.
  let deadline: Int64
  /// The replies that have come.
  var replies: [RESPValue] = []
  /// How often it was sent.
  var attempts = 0
  /// `nil` once the caller has its answer: the replies are dropped then, but still awaited, since
  /// replies belong to commands by their order alone.
  private var caller: CheckedContinuation<[RESPValue], any Error>?

  init(
    id: UInt64, commands: RESPCommands, limit: Duration, deadline: Int64,
    caller: CheckedContinuation<[RESPValue], any Error>
  ) {
    self.id = id
    self.commands = commands
    self.limit = limit
    self.deadline = deadline
    self.caller = caller
  }

  var isAbandoned: Bool { caller == nil }
  var isComplete: Bool { replies.count == commands.count }

  /// Answers the caller, unless it has its answer.
  mutating func finish(_ result: Result<[RESPValue], any Error>) {
    caller?.resume(with: result)
    caller = nil
  }
}
