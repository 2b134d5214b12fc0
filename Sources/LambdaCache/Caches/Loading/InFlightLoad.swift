import Synchronization

/// A load under way and the callers that wait for it.
///
/// The key and the result are in the generic subclass ``KeyedLoad``; the state machine needs
/// neither. Every field is guarded by the lock of the cache that the load belongs to. A load that
/// shares its task with no other is that task itself, which saves an allocation.
@usableFromInline
package class InFlightLoad: LoadTask, KeyedNode, @unchecked Sendable {
  @usableFromInline package final let hash: UInt32
  @usableFromInline package final var links = NodeLinks()
  /// The task that loads several keys in one call; `nil` for a load of its own.
  private final let sharedTask: LoadTask?
  /// How many loads had begun by then, itself included; 0 before it begins.
  final var number = 0
  /// Whether a write or a removal of the key has overtaken the load.
  @usableFromInline package final var isSuperseded = false
  /// Whether the error that the load ended with lets an expired value be served.
  final var mayServeStale = false
  /// The waiters, without those that have been cancelled: a load that hangs may see many of them.
  private final var waiters = NodeList<LoadWaiter>()
  /// How many callers have neither been cancelled nor been served.
  package private(set) final var interestedCount = 0
  /// Published after the result, which is never changed then.
  private final let resultFlag = Atomic<Bool>(false)

  /// Makes a load that has not begun.
  ///
  /// - Parameters:
  ///   - hash: The key's hash.
  ///   - sharedTask: The task that loads several keys; `nil` for a load of its own.
  @usableFromInline
  package init(hash: UInt32, sharedTask: LoadTask? = nil) {
    self.hash = hash
    self.sharedTask = sharedTask
    super.init(loadCount: 1, mayEvict: sharedTask?.mayEvict ?? true)
  }

  @usableFromInline
  package func hasKey(at address: UnsafeRawPointer) -> Bool {
    preconditionFailure("a load has no key of its own: its subclass does")
  }

  /// The task that loads.
  final var task: LoadTask { sharedTask ?? self }

  /// Whether the task serves this load alone.
  final var hasOwnTask: Bool { sharedTask == nil }

  /// Whether there is a result, which may be read without the lock then.
  @usableFromInline package final var hasResult: Bool { resultFlag.load(ordering: .acquiring) }

  /// How many waiters are suspended.
  package final var waitingCount: Int { waiters.count }

  /// Takes part in the load.
  package final func join() { interestedCount += 1 }

  /// Begins to wait for the load, after ``join()``.
  ///
  /// - Returns: `false` if there is nothing to wait for: the continuation is to be resumed at once.
  package final func wait(
    _ waiter: LoadWaiter, _ continuation: CheckedContinuation<Void, Never>
  ) -> Bool {
    guard waiter.reason == nil, !hasResult else { return false }
    waiter.continuation = continuation
    waiters.append(waiter)
    return true
  }

  /// Gives up an interest in the load without having waited, after ``join()``.
  ///
  /// - Returns: `false` if the load has ended.
  final func cancelInterest() -> Bool {
    guard !hasResult else { return false }
    interestedCount -= 1
    return true
  }

  /// Cancels the waiting of one caller; the others are not affected.
  ///
  /// - Parameters:
  ///   - waiter: The waiter.
  ///   - reason: The error that the caller throws.
  /// - Returns: The continuation to resume, if the caller is suspended; and whether a waiter was
  ///   cancelled: one that is cancelled and out of time at once is cancelled once.
  package final func cancelWaiting(
    _ waiter: LoadWaiter, reason: any Error
  ) -> (continuation: CheckedContinuation<Void, Never>?, isCancelled: Bool) {
    guard !hasResult, waiter.reason == nil else { return (nil, false) }
    waiter.reason = reason
    interestedCount -= 1
    if waiter.isListed { waiters.remove(waiter) }
    return (waiter.continuation.take(), true)
  }

  /// Publishes the result, which the subclass has, and ends the load's task if it has no other.
  ///
  /// - Returns: What follows; nothing but that has the waiters any more.
  @usableFromInline
  package final func publishResult() -> LoadEffects {
    resultFlag.store(true, ordering: .releasing)
    var effects = LoadEffects()
    effects.resumed = waiters
    waiters = NodeList()
    if hasOwnTask { effects.end(self) }
    return effects
  }
}

/// A caller that waits for a load, which alone keeps it; guarded by the lock of the load's cache.
@usableFromInline
package final class LoadWaiter: ListedNode, @unchecked Sendable {
  fileprivate var continuation: CheckedContinuation<Void, Never>?
  /// Why the waiting was cancelled; not changed after the continuation has been resumed.
  package fileprivate(set) var reason: (any Error)?

  package init() { super.init(isListed: false) }

  /// Resumes the caller, after the waiter was removed from its list.
  fileprivate func resume() { continuation.take()?.resume() }
}

extension NodeList<LoadWaiter> {
  /// Resumes all waiters, outside of any lock.
  mutating func resumeAll() {
    while let waiter = removeFirst() { waiter.resume() }
  }
}

/// A load together with its key, the value that it is to replace, and its result.
@usableFromInline
package final class KeyedLoad<Key: Hashable & Sendable, Value: Sendable>: InFlightLoad,
  @unchecked Sendable
{
  @usableFromInline package let key: Key
  /// The value that the cache had when the load began, fresh or not.
  @usableFromInline let oldValue: Value?
  /// When the load began; `nil` if the value does not expire.
  @usableFromInline var began: Tick?
  /// What its closure has noted of the value; `nil` if it notes nothing.
  @usableFromInline var note: LoadNote?
  /// The result, one of the two; written under the cache's lock, before it is published.
  ///
  /// A `Result` would be a type of its own for each value, whose metadata the runtime is asked for
  /// whenever a load is destroyed.
  @usableFromInline var value: Value?
  @usableFromInline var error: (any Error)?

  @inlinable
  package init(
    key: Key, hash: UInt32, oldValue: Value? = nil, began: Tick? = nil,
    sharedTask: LoadTask? = nil
  ) {
    self.key = key
    self.oldValue = oldValue
    self.began = began
    super.init(hash: hash, sharedTask: sharedTask)
  }

  @usableFromInline
  package override func hasKey(at address: UnsafeRawPointer) -> Bool {
    address.assumingMemoryBound(to: Key.self).pointee == key
  }
}
