internal import LambdaCache
internal import LambdaCacheTransport
internal import Synchronization

/// A connection that is made when it is needed, and shared by all tasks.
final class ValkeyClient: Sendable {
  private let endpoint: Endpoint
  private let options: ValkeyOptions
  private let name: String
  /// The inbox of the thread, which is started by the first exchange.
  private let inbox = Locked<Inbox?>(nil)
  private let status = ConnectionStatus()
  private let lastID = Atomic<UInt64>(0)

  /// - Parameter name: The name that the server lists the connection by.
  init(endpoint: Endpoint, options: ValkeyOptions, name: String) {
    self.endpoint = endpoint
    self.options = options
    self.name = name
  }

  deinit {
    inbox.withLock { $0 }?.close()
  }

  /// Whether a connection is being made, within its limit.
  var isConnecting: Bool { status.isConnecting }

  /// Sends commands and awaits their replies.
  ///
  /// - Returns: As many replies as commands, errors of single commands among them.
  /// - Throws: `ValkeyError`, or `CancellationError` when the task is cancelled.
  func exchange(_ commands: RESPCommands, within limit: Duration) async throws -> [RESPValue] {
    if commands.count == 0 { return [] }
    let deadline = SystemClocks.monotonic + limit.nanoseconds
    guard limit > .zero else { throw ValkeyError.timedOut(after: limit) }
    let inbox = try startedInbox()
    let id = lastID.add(1, ordering: .relaxed).newValue
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { caller in
        inbox.post(
          .begin(
            Exchange(
              id: id, commands: commands, limit: limit, deadline: deadline, caller: caller)))
        // The handler may have run before.
        if Task.isCancelled { inbox.post(.cancel(id)) }
      }
    } onCancel: {
      inbox.post(.cancel(id))
    }
  }

  private func startedInbox() throws(ValkeyError) -> Inbox {
    let result = inbox.withLock { inbox in
      if let inbox { return Result<Inbox, SystemError>.success(inbox) }
      return Result { () throws(SystemError) in
        let new = try Inbox()
        let (endpoint, options, name, status) = (endpoint, options, name, status)
        // The first exchange has the thread connect.
        status.begin(within: options.connectLimit)
        try DetachedThread.start {
          ConnectionLoop(
            endpoint: endpoint, options: options, name: name, inbox: new, status: status
          ).run()
        }
        inbox = new
        return new
      }
    }
    do throws(SystemError) {
      return try result.get()
    } catch {
      throw .unreachable(error.description)
    }
  }
}
