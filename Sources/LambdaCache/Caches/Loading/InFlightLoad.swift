/// A load under way and those who wait for it.
///
/// Every field is guarded by the lock of the cache that the load belongs to; continuations are
/// resumed and tasks cancelled only after it is released.
@usableFromInline
package final class InFlightLoad<Key: Hashable & Sendable, Value: Sendable>: KeyedNode<Key>,
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
  /// Those who wait, and nothing of who has left: a load that hangs may see many come and go.
  private var waiters = NodeList<LoadWaiter<Value>>()
  /// How many have neither left nor been served.
  private(set) var interested = 0
  /// How many wait.
  var waitingCount: Int { waiters.count }

  init(key: Key, hash: UInt32, task: LoadTask) {
    self.task = task
    super.init(key: key, hash: hash)
  }

  /// Takes part in the load.
  func join() { interested += 1 }

  /// Waits for the load, after ``join()``.
  ///
  /// - Returns: What to resume the continuation with at once, or `nil` if it will be resumed later.
  func wait(
    _ waiter: LoadWaiter<Value>, _ continuation: CheckedContinuation<Value, any Error>
  ) -> Result<Value, any Error>? {
    if let reason = waiter.reason { return .failure(reason) }
    if let outcome { return outcome }
    waiter.continuation = continuation
    waiters.append(waiter)
    return nil
  }

  /// Leaves the load instead of waiting for it, after ``join()``; the others are not affected.
  ///
  /// - Returns: Whether anybody left who was there: not if the load has ended.
  func leave() -> Bool {
    guard outcome == nil else { return false }
    interested -= 1
    return true
  }

  /// Leaves the load; the others are not affected.
  ///
  /// - Parameters:
  ///   - waiter: Who leaves.
  ///   - reason: What it is told if it begins to wait only later.
  /// - Returns: The continuation to resume with the reason, if its owner already waits; and whether
  ///   anybody left who was there: who is cancelled and out of time at once leaves once.
  func leave(
    _ waiter: LoadWaiter<Value>, reason: any Error
  ) -> (continuation: CheckedContinuation<Value, any Error>?, hasLeft: Bool) {
    guard outcome == nil, waiter.reason == nil else { return (nil, false) }
    waiter.reason = reason
    interested -= 1
    if waiter.isListed { waiters.remove(waiter) }
    return (waiter.continuation.take(), true)
  }

  /// Ends the load.
  ///
  /// - Returns: Those to resume with the outcome.
  func finish(
    with outcome: Result<Value, any Error>
  ) -> [CheckedContinuation<Value, any Error>] {
    self.outcome = outcome
    var continuations: [CheckedContinuation<Value, any Error>] = []
    continuations.reserveCapacity(waiters.count)
    while let waiter = waiters.removeFirst() {
      if let continuation = waiter.continuation.take() { continuations.append(continuation) }
    }
    return continuations
  }
}

/// One who waits for a load, and nothing but that keeps it; guarded by the lock of the load's
/// cache.
package final class LoadWaiter<Value: Sendable>: ListedNode, @unchecked Sendable {
  fileprivate var continuation: CheckedContinuation<Value, any Error>?
  /// Why it has left.
  fileprivate var reason: (any Error)?

  package init() { super.init(isListed: false) }
}
