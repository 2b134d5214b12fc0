/// Loads that wait until others have ended, first come, first served.
struct BudgetQueue {
  struct Waiter {
    let ticket: Int
    private let continuation: CheckedContinuation<Void, Never>

    init(ticket: Int, continuation: CheckedContinuation<Void, Never>) {
      self.ticket = ticket
      self.continuation = continuation
    }

    /// Never call it with a lock held: the waiter runs.
    func resume() { continuation.resume() }
  }

  private var waiters: [Waiter] = []
  /// Tickets whose holder was cancelled before it could wait.
  private var withdrawn: Set<Int> = []
  private var nextTicket = 0

  /// The number of those who wait.
  var count: Int { waiters.count }

  mutating func ticket() -> Int {
    nextTicket += 1
    return nextTicket
  }

  /// - Returns: The waiter, to be resumed at once, if it was cancelled meanwhile.
  mutating func enqueue(_ waiter: Waiter) -> Waiter? {
    if withdrawn.remove(waiter.ticket) != nil { return waiter }
    waiters.append(waiter)
    return nil
  }

  /// The one that has waited longest, who leaves the queue.
  mutating func next() -> Waiter? { waiters.isEmpty ? nil : waiters.removeFirst() }

  /// Takes a waiter out.
  ///
  /// - Returns: `nil` if it does not wait yet.
  mutating func withdraw(_ ticket: Int) -> Waiter? {
    guard let place = waiters.firstIndex(where: { $0.ticket == ticket }) else {
      withdrawn.insert(ticket)
      return nil
    }
    return waiters.remove(at: place)
  }

  /// Forgets a ticket that nobody waits with any more.
  mutating func forget(_ ticket: Int) { withdrawn.remove(ticket) }
}
