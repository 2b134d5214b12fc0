/// The task of one or several loads that a single call of a loading closure serves; guarded by the
/// lock of the cache.
@usableFromInline
package class LoadTask: BudgetWaiter, @unchecked Sendable {
  /// The identity of the task in the ``LoadGraph``.
  @usableFromInline final let id = LoadID()
  /// The task; `nil` until it has been started, and again when it has ended.
  private final var handle: Handle?
  /// Whether the task has ended, perhaps before its handle was stored.
  private(set) final var hasEnded = false
  /// Whether what is loaded may displace other entries of the cache.
  @usableFromInline final let mayEvict: Bool
  /// Whether something was not kept because it would have displaced other entries.
  final var hasFoundFull = false
  /// Whether it is counted as one that no look-up without an answer is in need of.
  fileprivate final var isSurplus = false
  /// Loads that a caller waits for.
  private final var wantedCount: Int
  /// Loads that have not ended.
  private final var pendingCount: Int
  /// The bytes that a budget has booked for the loads that have not ended.
  private final var reservedByteCount = 0
  /// The entry in an invocation's list of what its end waits for.
  private final var endNote: EndNote?
  /// The end of an invocation that waits for the task.
  private final var endWaiter: CheckedContinuation<Void, Never>?
  /// Whether the end of an invocation may wait for the task.
  private final var mayAwaitEnd = true

  /// A task that throws nothing, of a type that may: the other one is started through a closure
  /// more, which has to be allocated.
  @usableFromInline typealias Handle = Task<Void, any Error>

  /// An entry in an invocation's list of what its end waits for.
  typealias EndNote = (scope: InvocationScope, id: Int)

  /// Makes a task that has not been started.
  ///
  /// - Parameters:
  ///   - loadCount: How many loads it serves; more may be added until it is started.
  ///   - mayEvict: Whether what is loaded may displace other entries.
  @usableFromInline
  init(loadCount: Int = 1, mayEvict: Bool = true) {
    self.mayEvict = mayEvict
    wantedCount = loadCount
    pendingCount = loadCount
    super.init()
  }

  // MARK: Loads

  final func addLoad() {
    wantedCount += 1
    pendingCount += 1
  }

  /// Notes that no caller waits for one of the loads any more.
  ///
  /// - Returns: If that was the last one: the task to cancel, and the bytes booked for it to give
  ///   back, for it may never end.
  final func abandonLoad() -> (cancelled: Handle?, reserved: Int) {
    wantedCount -= 1
    guard wantedCount == 0 else { return (nil, 0) }
    defer { reservedByteCount = 0 }
    return (handle, reservedByteCount)
  }

  /// Takes the bytes that a budget has booked.
  ///
  /// - Returns: `false` if no caller waits any more: the bytes are to be given back, and nothing is
  ///   to be loaded.
  final func reserve(_ byteCount: Int) -> Bool {
    guard wantedCount > 0 else { return false }
    reservedByteCount = byteCount
    return true
  }

  /// Notes that one of the loads ends.
  ///
  /// - Returns: The part of the booked bytes that is for it.
  final func endLoad() -> Int {
    let share = reservedByteCount / pendingCount
    pendingCount -= 1
    reservedByteCount -= share
    return share
  }

  // MARK: The task

  /// Prepares the start of the task.
  ///
  /// - Returns: Whether it may start on the caller's thread: not if a load asks for it, since a
  ///   long chain of them would take the thread's stack.
  @usableFromInline
  final func prepareStart() -> Bool {
    if LoadGraph.current == nil { return true }
    // The load that asks may hold the bytes that this one would wait for.
    hurry()
    return false
  }

  /// Stores the handle of the task that was started, unless it has ended.
  final func noteStart(_ task: Handle) {
    if !hasEnded { handle = task }
  }

  /// Notes that the task ends, and breaks the cycle: the task holds its loads, and they hold it.
  ///
  /// - Returns: The end of an invocation that waits, to be resumed, and the entry that is not
  ///   needed any more.
  final func noteEnd() -> (waiter: CheckedContinuation<Void, Never>?, note: EndNote?) {
    hasEnded = true
    handle = nil
    return (endWaiter.take(), endNote.take())
  }

  // MARK: The end of an invocation

  /// Stores the entry in an invocation's list of what its end waits for.
  ///
  /// - Returns: `false` if the task has ended: the entry is not needed.
  final func setEndNote(_ note: EndNote) -> Bool {
    if !hasEnded { endNote = note }
    return !hasEnded
  }

  /// Has the end of an invocation wait for the end of the task.
  ///
  /// - Returns: `false` if there is nothing to wait for.
  final func awaitEnd(_ waiter: CheckedContinuation<Void, Never>) -> Bool {
    guard !hasEnded, mayAwaitEnd else { return false }
    endWaiter = waiter
    return true
  }

  /// Ends the waiting for the task, also one that begins only later.
  final func stopAwaitingEnd() -> CheckedContinuation<Void, Never>? {
    mayAwaitEnd = false
    return endWaiter.take()
  }
}

extension LoadCounts {
  /// Counts a load that no look-up without an answer is in need of, once.
  mutating func noteSurplus(_ task: LoadTask) {
    if !task.isSurplus { surplus += 1 }
    task.isSurplus = true
  }
}
