/// A load under way and those who wait for it.
///
/// Every field is guarded by the lock of the cache that the load belongs to; continuations are
/// resumed and tasks cancelled only after it is released.
@usableFromInline
package final class LoadFlight<Key: Hashable & Sendable, Value: Sendable>: KeyedNode<Key>,
  @unchecked Sendable
{
  /// What loads.
  let task: LoadTask
  /// How many loads had begun by then, itself included.
  var number = 0
  /// The result, once there is one.
  var outcome: Result<Value, any Error>?
  /// Whether a write or a removal of the key has overtaken the load.
  var isSuperseded = false
  /// Whether the error that the load ended with lets an expired value be served.
  var mayServeStale = false
  /// Those who wait, by ticket.
  private var waiters: [Int: CheckedContinuation<Value, any Error>] = [:]
  /// Tickets whose holder has left, and why.
  private var withdrawn: [Int: any Error] = [:]
  private var nextTicket = 0
  /// Tickets that were neither withdrawn nor served.
  private(set) var interested = 0

  init(key: Key, hash: UInt32, task: LoadTask) {
    self.task = task
    super.init(key: key, hash: hash)
  }

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
    if let reason = withdrawn[ticket] { return .failure(reason) }
    if let outcome { return outcome }
    waiters[ticket] = continuation
    return nil
  }

  /// Leaves the load; the others are not affected.
  ///
  /// - Parameters:
  ///   - ticket: The ticket of who leaves.
  ///   - reason: What they are told if they begin to wait only later.
  /// - Returns: The continuation to resume with the reason, if its owner already waits; and whether
  ///   anybody left who was there.
  func leave(
    ticket: Int, reason: any Error
  ) -> (waiter: CheckedContinuation<Value, any Error>?, hasLeft: Bool) {
    guard outcome == nil, withdrawn[ticket] == nil else { return (nil, false) }
    interested -= 1
    // Kept also of one who waits: whoever is cancelled and out of time at once leaves once.
    withdrawn[ticket] = reason
    return (waiters.removeValue(forKey: ticket), true)
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
