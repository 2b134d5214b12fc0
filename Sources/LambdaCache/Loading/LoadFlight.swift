/// A load under way and those who wait for it.
///
/// Every field is guarded by the lock of the cache that the load belongs to; continuations are
/// resumed and tasks cancelled only after it is released.
@usableFromInline
package final class LoadFlight<Value: Sendable>: @unchecked Sendable {
  /// What the load is called in the ``LoadGraph``.
  let id = LoadID()
  /// The result, once there is one.
  var outcome: Result<Value, any Error>?
  /// The task that loads; `nil` until it has been started.
  var task: Task<Void, Never>?
  /// Those who wait, by ticket.
  private var waiters: [Int: CheckedContinuation<Value, any Error>] = [:]
  /// Tickets whose holder was cancelled before it could wait.
  private var withdrawn: Set<Int> = []
  private var nextTicket = 0
  /// Tickets that were neither withdrawn nor served.
  private(set) var interested = 0

  /// Takes part in the load.
  func join() -> Int {
    interested += 1
    nextTicket += 1
    return nextTicket
  }

  /// Waits with a ticket.
  ///
  /// - Returns: What to resume the continuation with at once, or `nil` if it will be resumed later.
  func wait(
    ticket: Int, continuation: CheckedContinuation<Value, any Error>
  ) -> Result<Value, any Error>? {
    if withdrawn.remove(ticket) != nil { return .failure(CancellationError()) }
    if let outcome { return outcome }
    waiters[ticket] = continuation
    return nil
  }

  /// Leaves the load; the others are not affected.
  ///
  /// - Returns: The continuation to resume with a `CancellationError`, if its owner already waits.
  func leave(ticket: Int) -> CheckedContinuation<Value, any Error>? {
    guard outcome == nil else { return nil }
    interested -= 1
    if let waiter = waiters.removeValue(forKey: ticket) { return waiter }
    withdrawn.insert(ticket)
    return nil
  }

  /// Ends the load.
  ///
  /// - Returns: Those to resume with the outcome.
  func finish(
    with outcome: Result<Value, any Error>
  ) -> [CheckedContinuation<Value, any Error>] {
    self.outcome = outcome
    defer { waiters = [:] }
    return Array(waiters.values)
  }
}
