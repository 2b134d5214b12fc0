/// One connection to a server, which tasks share: their commands are sent one behind the other, and
/// answered in order.
final class ServerConnection: Sendable {
  /// The replies to some commands, and the number of the connection that they came on.
  struct Answer: Sendable {
    let replies: [MetaReply]
    let epoch: UInt64
  }

  private let loop: ConnectionLoop

  init(host: String, port: UInt16, connectLimit: Duration) {
    loop = ConnectionLoop(Connector(host: host, port: port, limit: connectLimit))
  }

  /// The number of the present connection, or of the last one.
  var epoch: UInt64 { loop.inbox.epoch }

  /// Lets the thread end when it has nothing to do.
  func close() { loop.inbox.close() }

  /// Sends commands, and again on another connection if theirs is lost.
  ///
  /// - Parameters:
  ///   - commands: The commands, at least one.
  ///   - limit: The longest time that it may take.
  /// - Returns: As many replies as commands.
  /// - Throws: ``MemcachedError``, or `CancellationError` when the task is cancelled.
  func exchange(_ commands: MetaCommands, within limit: Duration) async throws -> Answer {
    guard commands.count > 0 else { return Answer(replies: [], epoch: epoch) }
    guard let answer = try await perform(commands, within: limit, epoch: nil) else {
      throw MemcachedError.connectionLost("it was not there")
    }
    return answer
  }

  /// Sends commands on one connection and no other.
  ///
  /// - Parameters:
  ///   - commands: The commands, at least one.
  ///   - limit: The longest time that it may take.
  ///   - epoch: The number of the connection; `nil` for any.
  /// - Returns: As many replies as commands; `nil` if it is another connection by now.
  /// - Throws: ``MemcachedError``, or `CancellationError` when the task is cancelled.
  func exchange(
    _ commands: MetaCommands, within limit: Duration, onlyIn epoch: UInt64?
  ) async throws -> Answer? {
    try await perform(commands, within: limit, epoch: epoch)
  }

  private func perform(
    _ commands: MetaCommands, within limit: Duration, epoch: UInt64?
  ) async throws -> Answer? {
    let operation = Operation(commands, limit: limit, epoch: epoch)
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { waiter in
        operation.wait(with: waiter)
        loop.inbox.add(operation) { loop.start() }
      }
    } onCancel: {
      operation.end(.failure(CancellationError()))
    }
  }
}
