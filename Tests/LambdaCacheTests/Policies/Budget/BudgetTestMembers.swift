import LambdaCache

/// Adds up the limits of all members at every moment.
final class Ledger: Sendable {
  private let state = Locked((total: 0, isIntact: true))
  private let limit: Int

  init(limit: Int) {
    self.limit = limit
  }

  /// Whether the sum has never been above the limit.
  var isIntact: Bool { state.withLock { $0.isIntact } }

  func add(_ byteCount: Int) {
    state.withLock { state in
      state.total += byteCount
      if state.total > limit { state.isIntact = false }
    }
  }
}

/// A member with a limit and bytes that it holds.
final class TestMember: BudgetMember {
  private let ledger: Ledger
  private let state = Locked((limit: 0, held: 0, writes: 0))

  init(_ ledger: Ledger) {
    self.ledger = ledger
  }

  var byteLimit: Int { state.withLock { $0.limit } }

  func hold(_ byteCount: Int) {
    state.withLock { state in
      state.held = byteCount
      state.writes += byteCount
    }
  }

  func grow(by byteCount: Int) {
    state.withLock { $0.limit += byteCount }
    ledger.add(byteCount)
  }

  func give(upTo byteCount: Int, from source: BudgetSource) -> Int {
    let given = state.withLock { state in
      let given = min(byteCount, source == .unused ? state.limit - state.held : state.limit)
      state.limit -= given
      state.held = min(state.held, state.limit)
      return given
    }
    ledger.add(-given)
    return given
  }

  var budgetSample: BudgetSample {
    var sample = BudgetSample()
    (_, sample.byteCount, sample.writes) = state.withLock { $0 }
    sample.count = sample.byteCount
    return sample
  }

  /// Books that the member holds nothing any more.
  func leave() {
    ledger.add(-byteLimit)
  }
}

/// A member that owns its share, as a cache does.
final class OwningMember: BudgetMember {
  private let member: TestMember
  let share: BudgetShare

  /// Called in the middle of destruction, when the member cannot be reached any more.
  let atEnd = Locked<@Sendable () -> Void>({})

  init(_ ledger: Ledger, _ budget: MemoryBudget, _ request: BudgetRequest = .init()) {
    member = TestMember(ledger)
    share = budget.register(name: "owning", request: request)
    share.attach(self)
  }

  deinit {
    atEnd.withLock { $0 }()
    member.leave()
  }

  var byteLimit: Int { member.byteLimit }
  var held: Int { member.budgetSample.byteCount }

  func hold(_ byteCount: Int) { member.hold(byteCount) }

  /// Raises the limit by what was acquired.
  func take(by byteCount: Int) { member.grow(by: byteCount) }

  func grow(by byteCount: Int) { member.grow(by: byteCount) }

  func give(upTo byteCount: Int, from source: BudgetSource) -> Int {
    member.give(upTo: byteCount, from: source)
  }

  var budgetSample: BudgetSample { member.budgetSample }
}

/// A member that tells a closure its limit whenever that changes.
final class LoggingMember: BudgetMember {
  private let limit = Locked(0)
  private let body: @Sendable (Int) -> Void

  init(_ body: @escaping @Sendable (Int) -> Void) {
    self.body = body
  }

  func grow(by byteCount: Int) {
    body(
      limit.withLock { limit in
        limit += byteCount
        return limit
      })
  }

  func give(upTo byteCount: Int, from source: BudgetSource) -> Int {
    let (left, given) = limit.withLock { limit in
      let given = min(byteCount, limit)
      limit -= given
      return (limit, given)
    }
    body(left)
    return given
  }

  var budgetSample: BudgetSample { BudgetSample() }
}
