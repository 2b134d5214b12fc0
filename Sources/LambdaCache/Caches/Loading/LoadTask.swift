/// The task of one or several loads that a single call of a loading closure serves; guarded by the
/// lock of the cache.
final class LoadTask: BudgetWaiter, @unchecked Sendable {
  /// What the task is called in the ``LoadGraph``.
  let id = LoadID()
  /// The task; `nil` until it has been started, and again when it has ended.
  var handle: Task<Void, Never>?
  /// Whether the task has ended, perhaps before it was known to have been started.
  private(set) var hasEnded = false
  /// Whether what is loaded may displace other entries of the cache.
  let mayEvict: Bool
  /// Whether something was not kept because it would have displaced other entries.
  var hasFoundFull = false
  /// Whether it is counted as one that no look-up without an answer is in need of.
  var isSurplus = false
  /// Loads that somebody waits for.
  private var wanted: Int
  /// Loads that have not ended.
  private var pending: Int
  /// The bytes that a budget has booked for the loads that have not ended.
  private var reservedByteCount = 0
  /// Where the end of an invocation is told that it need not wait for the task any more.
  var endNote: (scope: InvocationScope, id: Int)?
  /// The end of an invocation that waits for the task, and whether it may not.
  private var endWaiter: CheckedContinuation<Void, Never>?
  private var mayAwaitEnd = true

  /// - Parameters:
  ///   - loadCount: How many loads it serves; more may be added until it is started.
  ///   - mayEvict: Whether what is loaded may displace other entries.
  init(loadCount: Int = 1, mayEvict: Bool = true) {
    self.mayEvict = mayEvict
    wanted = loadCount
    pending = loadCount
    super.init()
  }

  func addOne() {
    wanted += 1
    pending += 1
  }

  /// Notes that nobody waits for one of the loads any more.
  ///
  /// - Returns: If that was the last one: the task to cancel, and the bytes booked for it to give
  ///   back, for it may never end.
  func abandonOne() -> Abandoned {
    wanted -= 1
    guard wanted == 0 else { return Abandoned() }
    defer { reservedByteCount = 0 }
    return Abandoned(task: handle, reserved: reservedByteCount)
  }

  /// What becomes of loads that nobody waits for any more.
  struct Abandoned {
    /// The task to cancel.
    var task: Task<Void, Never>?
    /// The bytes to give back.
    var reserved = 0
  }

  /// Takes the bytes that a budget has booked.
  ///
  /// - Returns: `false` if nobody waits any more: the bytes are to be given back, and nothing is to
  ///   be loaded.
  func reserve(_ byteCount: Int) -> Bool {
    guard wanted > 0 else { return false }
    reservedByteCount = byteCount
    return true
  }

  /// Notes that one of the loads ends.
  ///
  /// - Returns: The part of the booked bytes that is for it.
  func endOne() -> Int {
    let share = reservedByteCount / pending
    pending -= 1
    reservedByteCount -= share
    return share
  }

  /// Takes the handle of the task that was started.
  func started(_ task: Task<Void, Never>) {
    if !hasEnded { handle = task }
  }

  /// Cuts the circle: the task holds its loads, and they hold it.
  ///
  /// - Returns: The end of an invocation that waits, to be resumed, and the one that need not.
  func ended() -> (
    waiter: CheckedContinuation<Void, Never>?, note: (scope: InvocationScope, id: Int)?
  ) {
    hasEnded = true
    handle = nil
    return (endWaiter.take(), endNote.take())
  }

  /// Has the end of an invocation wait for the end of the task.
  ///
  /// - Returns: `false` if there is nothing to wait for.
  func awaitEnd(_ waiter: CheckedContinuation<Void, Never>) -> Bool {
    guard !hasEnded, mayAwaitEnd else { return false }
    endWaiter = waiter
    return true
  }

  /// Ends the waiting for the task, also one that begins only later.
  func stopAwaitingEnd() -> CheckedContinuation<Void, Never>? {
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
