import Synchronization

/// A load that may have to wait for its bytes in a memory budget.
@usableFromInline
package class BudgetWaiter: ListedNode, @unchecked Sendable {
  /// Whether it must not wait, or no longer; set without a lock, and never reset.
  private let isHurried = Atomic<Bool>(false)

  // The rest is guarded by the lock of the budget.

  fileprivate final var continuation: CheckedContinuation<Void, Never>?
  /// The number of its first wait, 0 before that: it keeps its place if it has to wait again.
  fileprivate final var number = 0
  /// Whether its task was cancelled.
  fileprivate final var isCancelled = false

  override init(isListed: Bool = false) { super.init(isListed: isListed) }

  /// A waiter without a load.
  package static func alone() -> BudgetWaiter { BudgetWaiter() }

  /// Whether the load must not wait: another load waits for it, which may hold the bytes, or it has
  /// waited long enough.
  package final var mustGoOn: Bool { isHurried.load(ordering: .acquiring) }

  /// Notes that the load must not wait; if it waits already, the budget has to take it out of its
  /// queue.
  package final func hurry() { isHurried.store(true, ordering: .releasing) }
}

/// Loads that wait until others have ended, first come, first served.
///
/// A load leaves in constant time, however many wait.
struct BudgetQueue {
  typealias Continuation = CheckedContinuation<Void, Never>

  private var waiters = NodeList<BudgetWaiter>()
  /// The number that was given out last.
  private var lastNumber = 0

  /// Loads that are collecting bytes at the moment.
  private var collectorCount = 0
  /// Loads that began to wait meanwhile: perhaps only for bytes that one of them was collecting.
  private var doubtful: [BudgetWaiter] = []

  /// Whether a timer examines the queue.
  private var isExamined = false
  /// The number of the first load when the queue was last examined, 0 for none.
  private var firstAtLastTime = 0
  /// The loads that go on the next time if that has not changed.
  private var allowance = 1

  /// The number of waiters that were visited, all in all: tests show by it that the work is linear.
  private(set) var visitCount = 0

  /// The number of waiting loads.
  var count: Int { waiters.count }

  // MARK: Waiting

  /// Has a load wait, in order of arrival; it keeps its place if it has waited before.
  ///
  /// - Returns: Whether it waits: not if its task was cancelled meanwhile.
  mutating func enqueue(_ waiter: BudgetWaiter, _ continuation: Continuation) -> Bool {
    guard !waiter.isCancelled else { return false }
    waiter.continuation = continuation
    if waiter.number == 0 {
      lastNumber += 1
      waiter.number = lastNumber
      waiters.append(waiter)
      if collectorCount > 0 { doubtful.append(waiter) }
    } else {
      waiters.insert(waiter, behind: predecessor(of: waiter.number))
    }
    return true
  }

  /// The last one that came before a number.
  ///
  /// From both ends: a load that was woken in vain was among the first, and one that was turned
  /// away because of another one's collecting among the last.
  private mutating func predecessor(of number: Int) -> BudgetWaiter? {
    var (low, high) = (waiters.first, waiters.last)
    while let first = low, let last = high {
      visitCount += 1
      if first.number > number { return waiters.previous(of: first) }
      if last.number < number { return last }
      (low, high) = (waiters.next(of: first), waiters.previous(of: last))
    }
    return nil
  }

  /// Takes out the load that has waited longest, to be resumed.
  mutating func next() -> Continuation? { waiters.first.flatMap { take($0) } }

  /// Takes a waiter out, to be resumed; `nil` if it does not wait.
  mutating func take(_ waiter: BudgetWaiter) -> Continuation? {
    visitCount += 1
    guard waiter.isListed else { return nil }
    waiters.remove(waiter)
    return waiter.continuation.take()
  }

  /// Takes out a waiter whose task was cancelled, to be resumed; if it does not wait yet, it will
  /// not.
  mutating func withdraw(_ waiter: BudgetWaiter) -> Continuation? {
    waiter.isCancelled = true
    return take(waiter)
  }

  // MARK: Collecting

  mutating func beginCollecting() { collectorCount += 1 }

  /// Notes that a load has stopped collecting.
  ///
  /// - Parameter hasGivenUp: Whether it gave back its bytes.
  /// - Returns: The loads that may have been turned away because of that, to be resumed: each once,
  ///   so that two of them cannot go on turning each other away.
  mutating func endCollecting(hasGivenUp: Bool) -> [Continuation] {
    collectorCount -= 1
    defer { if hasGivenUp || collectorCount == 0 { doubtful = [] } }
    return hasGivenUp ? doubtful.compactMap { take($0) } : []
  }

  // MARK: Stalled loads

  /// Returns whether the caller has to start the timer that examines the queue.
  mutating func beginExamining() -> Bool {
    defer { isExamined = true }
    return !isExamined
  }

  /// Ends the examining if no load waits.
  mutating func endExaminingIfEmpty() -> Bool {
    guard count == 0 else { return false }
    (isExamined, firstAtLastTime, allowance) = (false, 0, 1)
    return true
  }

  /// Examines the queue: if the same load is the first as the last time, some go on that have
  /// waited longest, twice as many each time.
  ///
  /// - Returns: The loads to be resumed.
  mutating func takeStalled() -> [Continuation] {
    defer { firstAtLastTime = waiters.first?.number ?? 0 }
    guard let first = waiters.first, first.number == firstAtLastTime else {
      allowance = 1
      return []
    }
    var stalled: [Continuation] = []
    while stalled.count < allowance, let waiter = waiters.first {
      waiter.hurry()
      if let continuation = take(waiter) { stalled.append(continuation) }
    }
    allowance = min(2 * allowance, 1 << 20)
    return stalled
  }
}
