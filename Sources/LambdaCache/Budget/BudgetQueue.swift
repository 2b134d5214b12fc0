/// Loads that wait until others have ended, first come, first served.
struct BudgetQueue {
  struct Waiter {
    let ticket: Int
    /// Whether it may wait: not a load that another load has come to wait for.
    let mayWait: @Sendable () -> Bool
    private let continuation: CheckedContinuation<Void, Never>

    init(
      ticket: Int, mayWait: @escaping @Sendable () -> Bool,
      continuation: CheckedContinuation<Void, Never>
    ) {
      self.ticket = ticket
      self.mayWait = mayWait
      self.continuation = continuation
    }

    /// Never call it with a lock held: the waiter runs.
    func resume() { continuation.resume() }
  }

  private var waiters: [Waiter] = []
  /// Tickets whose holder was cancelled before it could wait.
  private var withdrawn: Set<Int> = []
  /// The ticket that was given out last.
  private(set) var lastTicket = 0

  /// The number of those who wait.
  var count: Int { waiters.count }

  mutating func ticket() -> Int {
    lastTicket += 1
    return lastTicket
  }

  /// - Returns: The waiter, to be resumed at once, if it was cancelled meanwhile.
  mutating func enqueue(_ waiter: Waiter) -> Waiter? {
    if withdrawn.remove(waiter.ticket) != nil { return waiter }
    waiters.append(waiter)
    return nil
  }

  /// The one that has waited longest, who leaves the queue.
  mutating func next() -> Waiter? { waiters.isEmpty ? nil : waiters.removeFirst() }

  /// Those that fulfil a condition, who leave the queue.
  mutating func takeAll(where isMeant: (Waiter) -> Bool) -> [Waiter] {
    let taken = waiters.filter(isMeant)
    if !taken.isEmpty {
      waiters.removeAll { waiter in taken.contains { $0.ticket == waiter.ticket } }
    }
    return taken
  }

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
