import Synchronization

/// The memory that all caches of a process may use together.
///
/// A budget is made once, as early as possible, and handed to every cache:
///
/// ```swift
/// let budget = try MemoryBudget()
/// let users = Cache<String, Profile>(name: "users", configuration: configuration, budget: budget)
/// ```
///
/// It takes the memory of the process, subtracts what the process already uses and a reserve for
/// the handler, and divides the rest among the caches, anew whenever one comes or goes. Caches
/// that ask for a size get it, and the others share what is left equally. If all sizes together
/// are more than there is, every cache gets the same part of its size: a smaller cache costs time,
/// a function killed for memory costs the invocation. ``explain()`` shows every number.
///
/// The memory of the process is the first of these that is known:
///
/// 1. `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`, in units of 1,024 KB from 128 to 10,240, on Managed
///    Instances to 32,768,
/// 2. the tightest limit of the process's control groups, version 2 or 1,
/// 3. 512 MiB.
///
/// The reserve is `LAMBDA_CACHE_RESERVE`, a size or a percentage of that memory, or else a default
/// that grows with the memory:
///
/// | memory (MB) | 128 | 256 | 512 | 1,024 | 2,048 | 10,240 |
/// |---|---|---|---|---|---|---|
/// | reserve (MiB) | 56 | 89.6 | 147.2 | 262.4 | 364.8 | 1,184 |
///
/// It consists of an eighth of the memory for the handler, at least 24 and at most 128 MiB, with
/// 8 MiB for each further concurrent invocation (`AWS_LAMBDA_MAX_CONCURRENCY`), and of a tenth
/// and 32 MiB, at most a quarter, for what the allocator cannot use between blocks.
public final class MemoryBudget: Sendable {
  /// The terms that the limit results from.
  package let terms: MemoryTerms

  private let state = Mutex(State())

  /// Reads a budget from environment variables and from the state of the process.
  ///
  /// - Parameter environment: The variables by name; those of this process if left out.
  /// - Throws: ``ConfigurationError`` that names every variable whose value cannot be used.
  public convenience init(
    environment: [String: String] = ProcessEnvironment.current
  ) throws(ConfigurationError) {
    try self.init(environment: environment, process: .current)
  }

  /// Creates a budget of a fixed size.
  ///
  /// - Parameter byteLimit: The bytes for all caches together; not negative, at most 1 PiB.
  public init(byteLimit: Int) {
    precondition(
      (0...(1 << 50)).contains(byteLimit), "byteLimit must be from 0 to 1 PiB (2^50 bytes)")
    terms = MemoryTerms(byteLimit: byteLimit)
  }

  /// Creates a budget from environment variables and given facts about the process.
  package init(
    environment: [String: String], process: ProcessMemory
  ) throws(ConfigurationError) {
    terms = try MemoryTerms(environment: environment, process: process)
  }

  /// The bytes that all caches together may use.
  public var byteLimit: Int { terms.byteLimit }

  /// The bytes that are assigned to caches now; never above ``byteLimit``.
  public var assignedByteCount: Int { state.withLock { $0.assignedByteCount } }

  /// Every term of the budget, where it comes from and what each cache gets, as text for people.
  ///
  /// - Returns: Several lines, the last one with a line break as well.
  public func explain() -> String {
    state.withLock { $0.members.map { ($0.name, $0.request, $0.assignedByteCount) } }
      .explanation(terms: terms)
  }
}

// MARK: - Members

extension MemoryBudget {
  /// Registers a request; the member gets its bytes when it is attached to the share.
  ///
  /// - Parameters:
  ///   - name: The name that ``explain()`` shows.
  ///   - request: What the member asks for.
  /// - Returns: The share, which the member keeps for as long as it lives.
  package func register(name: String, request: BudgetRequest) -> BudgetShare {
    let id = state.withLock { $0.insert(name: name, request: request) }
    return BudgetShare(budget: self, id: id)
  }

  func assignedByteCount(of id: Int) -> Int {
    state.withLock { state in
      state.index(of: id).map { state.members[$0].assignedByteCount } ?? 0
    }
  }

  func attach(_ member: any BudgetMember, to id: Int) {
    change { state in
      guard let index = state.index(of: id) else { return }
      state.members[index].member = member
      state.members[index].isAttached = true
    }
  }

  func update(_ request: BudgetRequest, of id: Int) {
    change { state in
      guard let index = state.index(of: id) else { return }
      state.members[index].request = request
    }
  }

  func withdraw(_ id: Int) {
    change { state in
      guard let index = state.index(of: id) else { return }
      state.members.remove(at: index)
    }
  }

  /// Changes who is a member or what it asks for, and divides the budget anew.
  ///
  /// One thread divides at a time and the lock is not held while members are called. Who comes
  /// in between, another thread or a member's own call, leaves a note and does not wait; the
  /// dividing thread goes on until there is no note left. So nobody waits for anybody, and
  /// nothing that a member does while its limit is set can lead to a deadlock.
  private func change(_ body: (inout State) -> Void) {
    let isMine = state.withLock { state in
      body(&state)
      state.hasChanged = true
      if state.isDividing { return false }
      state.isDividing = true
      return true
    }
    guard isMine else { return }
    while let plan = state.withLock({ $0.nextPlan(terms: terms) }) { carryOut(plan) }
  }

  /// Shrinks first, then lets grow what has room.
  ///
  /// The bytes booked for a member are never fewer than its limit: they are lowered after the
  /// member has shrunk, and raised before it grows. Their sum is what never exceeds the budget.
  private func carryOut(_ plan: [(id: Int, byteLimit: Int)]) {
    for (id, byteLimit) in plan {
      guard let member = state.withLock({ $0.member(id, isAbove: byteLimit) }) else { continue }
      member.assign(byteLimit: byteLimit)
      state.withLock { state in
        if let index = state.index(of: id) { state.members[index].assignedByteCount = byteLimit }
      }
    }
    for (id, byteLimit) in plan {
      let total = terms.byteLimit
      guard
        let (member, granted) = state.withLock({
          $0.raise(id, to: byteLimit, total: total)
        })
      else { continue }
      member.assign(byteLimit: granted)
    }
  }
}

// MARK: - State

extension MemoryBudget {
  /// The members and their bytes.
  fileprivate struct State {
    struct Member {
      let id: Int
      let name: String
      var request: BudgetRequest
      weak var member: (any BudgetMember)?
      var isAttached = false
      var assignedByteCount = 0
    }

    var members: [Member] = []
    var nextID = 0

    /// Whether a thread is dividing the budget.
    var isDividing = false

    /// Whether something has changed since the last plan.
    var hasChanged = false

    var assignedByteCount: Int { members.reduce(0) { $0 + $1.assignedByteCount } }

    func index(of id: Int) -> Int? { members.firstIndex { $0.id == id } }

    mutating func insert(name: String, request: BudgetRequest) -> Int {
      defer { nextID += 1 }
      members.append(Member(id: nextID, name: name, request: request))
      return nextID
    }

    /// What every attached member should have, or `nil`, and the end of the division, if nothing
    /// has changed.
    mutating func nextPlan(terms: MemoryTerms) -> [(id: Int, byteLimit: Int)]? {
      guard hasChanged else {
        isDividing = false
        return nil
      }
      hasChanged = false
      let attached = members.filter(\.isAttached)
      let limits = BudgetPlan.limits(
        byteLimit: terms.byteLimit, memory: terms.limit.byteCount,
        requests: attached.map(\.request))
      return zip(attached, limits).map { ($0.id, $1) }
    }

    /// A member that has more than a limit, if it still exists.
    ///
    /// One that is being destroyed keeps what is booked for it until its share goes too.
    func member(_ id: Int, isAbove byteLimit: Int) -> (any BudgetMember)? {
      guard let index = index(of: id), members[index].assignedByteCount > byteLimit else {
        return nil
      }
      return members[index].member
    }

    /// Books more bytes for a member, as many as are wanted and free.
    mutating func raise(
      _ id: Int, to byteLimit: Int, total: Int
    ) -> (member: any BudgetMember, byteLimit: Int)? {
      guard let index = index(of: id), let member = members[index].member else { return nil }
      let current = members[index].assignedByteCount
      let granted = min(byteLimit, current + total - assignedByteCount)
      guard granted > current else { return nil }
      members[index].assignedByteCount = granted
      return (member, granted)
    }
  }
}

extension [(name: String, request: BudgetRequest, byteCount: Int)] {
  /// The text of ``MemoryBudget/explain()``.
  fileprivate func explanation(terms: MemoryTerms) -> String {
    func row(_ sign: String, _ byteCount: Int, _ name: String, _ source: String) -> String {
      sign + " " + ByteCountFormat.short(byteCount).padded(to: 12) + name.padded(to: 16) + source
        + "\n"
    }
    let left = terms.byteLimit - reduce(0) { $0 + $1.byteCount }
    return row(" ", terms.limit.byteCount, "memory", terms.limit.source)
      + row("-", terms.resident.byteCount, "in use", terms.resident.source)
      + row("-", terms.reserve.byteCount, "reserve", terms.reserve.source)
      + row("=", terms.byteLimit, "for caches", "\(terms.byteLimit) bytes")
      + map { row("-", $0.byteCount, "cache \($0.name)", "asked for \($0.request.size)") }
      .joined()
      + row("=", left, "left", "")
  }
}
