internal import LambdaCache
internal import LambdaCacheTransport

/// The events for the thread of a connection.
final class Inbox: Sendable {
  enum Event: Sendable {
    case begin(Exchange)
    case cancel(UInt64)
    case connected(Result<OpenConnection, ValkeyError>)
  }

  private struct State {
    var events: [Event] = []
    var isClosed = false
    /// Whether the thread waits, or is about to.
    var isWaiting = false
  }

  private let state = Locked(State())
  private let wakeUp: WakeUp

  init() throws(SystemError) {
    wakeUp = try WakeUp()
  }

  /// The descriptor that can be read when an event has come.
  var descriptor: Int32 { wakeUp.descriptor }

  /// - Returns: `false` when the inbox is closed: the event is not taken.
  @discardableResult
  func post(_ event: Event) -> Bool {
    let (isTaken, wakes) = state.withLock { state in
      guard !state.isClosed else { return (false, false) }
      state.events.append(event)
      defer { state.isWaiting = false }
      return (true, state.isWaiting)
    }
    if wakes { wakeUp.fire() }
    return isTaken
  }

  /// Has the thread end.
  func close() {
    state.withLock { $0.isClosed = true }
    wakeUp.fire()
  }

  /// - Returns: The events since the last call; `nil` when the inbox is closed and there are none.
  func takeAll() -> [Event]? {
    state.withLock { state in
      defer { state.events = [] }
      return state.events.isEmpty && state.isClosed ? nil : state.events
    }
  }

  /// - Returns: `false` when there is an event, so that there is nothing to wait for.
  func beginWaiting() -> Bool {
    state.withLock { state in
      state.isWaiting = state.events.isEmpty && !state.isClosed
      return state.isWaiting
    }
  }

  /// - Parameter wasWoken: Whether the descriptor can be read. An event may come without that: then
  ///   it can be read during the next wait, which ends at once.
  func endWaiting(wasWoken: Bool) {
    state.withLock { $0.isWaiting = false }
    if wasWoken { wakeUp.clear() }
  }
}
