import LambdaCache
import TestSupport
import Testing

@Suite("Caches on one budget", .prompt)
struct MemoryBudgetTests {
  @Test("A member gets everything, and less when others come, and more when they go")
  func comingAndGoing() {
    let budget = MemoryBudget(byteLimit: 1000)
    let ledger = Ledger(limit: 1000)
    let first = TestMember(ledger)
    let firstShare = budget.register(name: "first", request: .init())
    #expect(first.byteLimit == 0 && firstShare.byteLimit == 0)
    firstShare.attach(first)
    #expect(first.byteLimit == 1000)

    let second = TestMember(ledger)
    let secondShare = budget.register(name: "second", request: .init(size: .bytes(400)))
    #expect(first.byteLimit == 1000)
    secondShare.attach(second)
    #expect(first.byteLimit == 600 && second.byteLimit == 400)
    #expect(firstShare.byteLimit == 600 && secondShare.byteLimit == 400)
    #expect(budget.assignedByteCount == 1000)

    secondShare.update(.init(size: .bytes(100)))
    #expect(first.byteLimit == 900 && second.byteLimit == 100)

    second.leave()
    secondShare.withdraw()
    secondShare.withdraw()
    #expect(first.byteLimit == 1000 && secondShare.byteLimit == 0)
    #expect(ledger.isIntact)
  }

  @Test("A share that is destroyed returns its bytes")
  func destruction() {
    let budget = MemoryBudget(byteLimit: 1000)
    let ledger = Ledger(limit: 1000)
    let first = OwningMember(ledger, budget)
    do {
      let second = OwningMember(ledger, budget)
      #expect(first.byteLimit == 500 && second.byteLimit == 500)
    }
    #expect(first.byteLimit == 1000)
    #expect(budget.assignedByteCount == 1000)
    #expect(ledger.isIntact)
  }

  @Test("A budget does not keep a member alive, nor count one that is gone")
  func weakness() {
    let budget = MemoryBudget(byteLimit: 1000)
    let ledger = Ledger(limit: 1000)
    weak var observed: OwningMember?
    do {
      let member = OwningMember(ledger, budget)
      observed = member
      #expect(observed?.byteLimit == 1000)
    }
    #expect(observed == nil)
    #expect(budget.assignedByteCount == 0)
  }

  @Test("Members of a budget shrink before a newcomer grows")
  func order() {
    let budget = MemoryBudget(byteLimit: 900)
    let log = Locked<[String]>([])
    let members = (0..<3).map { number in
      LoggingMember { byteLimit in log.withLock { $0.append("\(number): \(byteLimit)") } }
    }
    var shares: [BudgetShare] = []
    for (number, member) in members.enumerated() {
      let share = budget.register(name: "\(number)", request: .init())
      shares.append(share)
      share.attach(member)
    }
    #expect(
      log.withLock { $0 } == ["0: 900", "0: 450", "1: 450", "0: 300", "1: 300", "2: 300"])
    shares[0].withdraw()
    #expect(log.withLock { $0.suffix(2) } == ["1: 450", "2: 450"])
    withExtendedLifetime(members) {}
  }

  @Test("A member may come and go while another one's limit is set")
  func reentrancy() {
    let budget = MemoryBudget(byteLimit: 1000)
    let nested = Locked<[(LoggingMember, BudgetShare)]>([])
    let outer = LoggingMember { byteLimit in
      // At the first assignment another member comes; at the second it goes.
      if byteLimit == 1000, nested.withLock({ $0.isEmpty }) {
        let member = LoggingMember { _ in }
        let share = budget.register(name: "nested", request: .init(size: .bytes(300)))
        nested.withLock { $0.append((member, share)) }
        share.attach(member)
      } else if byteLimit == 700 {
        nested.withLock { $0[0].1 }.withdraw()
      }
    }
    let share = budget.register(name: "outer", request: .init())
    share.attach(outer)
    #expect(share.byteLimit == 1000)
    #expect(nested.withLock { $0[0].1.byteLimit } == 0)
    #expect(budget.assignedByteCount == 1000)
    withExtendedLifetime(outer) {}
  }

  @Test("Bytes in use stay where they are when a newcomer joins, and move when they are needed")
  func lending() {
    let budget = MemoryBudget(byteLimit: 1000)
    let ledger = Ledger(limit: 1000)
    let first = OwningMember(ledger, budget)
    first.hold(900)
    let second = OwningMember(ledger, budget)
    #expect(first.byteLimit == 900 && second.byteLimit == 100)
    #expect(second.share.acquire(wanted: 150, required: 0) >= 150)
    #expect(first.share.byteLimit <= 750 && budget.assignedByteCount <= 1000)
    #expect(second.share.acquire(wanted: 10_000, required: 10_000) >= 700)
    #expect(first.byteLimit == 0 && first.held == 0)
    #expect(ledger.isIntact)
  }

  @Test("A minimum is not taken for others, but lent while it is not in use")
  func minimum() {
    let budget = MemoryBudget(byteLimit: 1000)
    let ledger = Ledger(limit: 1000)
    let first = OwningMember(ledger, budget, .init(minimumByteCount: 400))
    first.hold(1000)
    let second = OwningMember(ledger, budget)
    second.take(by: second.share.acquire(wanted: 1000, required: 1000))
    #expect(first.byteLimit == 400 && second.byteLimit == 600)
    first.hold(0)
    second.take(by: second.share.acquire(wanted: 400, required: 400))
    #expect(first.byteLimit == 0 && second.byteLimit == 1000)
    second.hold(1000)
    // Whoever is below its minimum gets it back although nothing of the other is cold.
    first.take(by: first.share.acquire(wanted: 300, required: 0))
    #expect(first.byteLimit >= 300)
    #expect(ledger.isIntact)
  }

  @Test("A maximum is never exceeded, and lowering it evicts")
  func maximum() {
    let budget = MemoryBudget(byteLimit: 1000)
    let ledger = Ledger(limit: 1000)
    let member = OwningMember(ledger, budget, .init(maximumByteCount: 300))
    #expect(member.byteLimit == 300)
    #expect(member.share.acquire(wanted: 500, required: 500) == 0)
    member.hold(300)
    member.share.update(maximumByteCount: 100)
    #expect(member.byteLimit == 100 && member.held == 100)
    #expect(budget.assignedByteCount == 100 && ledger.isIntact)
  }

  @Test("The bytes of a member that is being destroyed are not given away before its share")
  func destructionInProgress() {
    let budget = MemoryBudget(byteLimit: 1000)
    let ledger = Ledger(limit: 1000)
    let seen = Locked<(successor: OwningMember?, byteLimit: Int?)>((nil, nil))
    do {
      let member = OwningMember(ledger, budget)
      member.atEnd.withLock {
        $0 = {
          let successor = OwningMember(ledger, budget)
          seen.withLock { $0 = (successor, successor.byteLimit) }
        }
      }
      #expect(member.byteLimit == 1000)
    }
    #expect(seen.withLock { $0.byteLimit } == 0)
    #expect(seen.withLock { $0.successor?.byteLimit } == 1000)
    #expect(ledger.isIntact)
  }

  @Test("Percentages are of the function's memory")
  func percentages() throws {
    let budget = try MemoryBudget(
      environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024"],
      process: ProcessMemory(residentByteCount: 0, containerLimit: nil))
    let member = LoggingMember { _ in }
    let share = budget.register(name: "half", request: .init(size: .percent(50)))
    share.attach(member)
    #expect(share.byteLimit == 512 << 20)
    withExtendedLifetime(member) {}
  }

  @Test("Any sequence of changes leaves the sum within the budget", arguments: 0..<20)
  func anySequence(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let byteLimit = Int.random(in: 0...2000, using: &random)
    let budget = MemoryBudget(byteLimit: byteLimit)
    let ledger = Ledger(limit: byteLimit)
    var members: [(OwningMember, BudgetRequest)] = []
    for step in 0..<150 {
      switch Int.random(in: 0..<4, using: &random) {
      case 0, 1:
        let request = BudgetRequest.any(upTo: 1000, using: &random)
        members.append((OwningMember(ledger, budget, request), request))
      case 2 where !members.isEmpty:
        members.remove(at: Int.random(in: members.indices, using: &random))
      case 3 where !members.isEmpty:
        let index = Int.random(in: members.indices, using: &random)
        members[index].1 = BudgetRequest.any(upTo: 1000, using: &random)
        members[index].0.share.update(members[index].1)
      default: break
      }
      let expected = BudgetPlan.limits(
        byteLimit: byteLimit, memory: byteLimit, requests: members.map(\.1))
      let note: Comment = "seed \(seed), step \(step)"
      #expect(members.map(\.0.byteLimit) == expected, note)
      #expect(members.map(\.0.share.byteLimit) == expected, note)
      #expect(budget.assignedByteCount == expected.reduce(0, +), note)
      #expect(ledger.isIntact, note)
    }
  }

  @Test("Members that come and go at once on several threads stay within the budget")
  func concurrency() async {
    let budget = MemoryBudget(byteLimit: 10_000)
    let ledger = Ledger(limit: 10_000)
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          var random = SplitMix64(seed: UInt64(task))
          var members: [OwningMember] = []
          for _ in 0..<200 {
            if members.count > 5 || (Bool.random(using: &random) && !members.isEmpty) {
              members.remove(at: Int.random(in: members.indices, using: &random))
            } else {
              let request = BudgetRequest.any(upTo: 3000, using: &random)
              members.append(OwningMember(ledger, budget, request))
            }
          }
        }
      }
    }
    #expect(ledger.isIntact)
    #expect(budget.assignedByteCount == 0)
    let last = OwningMember(ledger, budget)
    #expect(last.byteLimit == 10_000)
  }

  @Test("The terms in the explanation of a budget add up")
  func explanation() throws {
    let budget = try MemoryBudget(
      environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128"],
      process: ProcessMemory(residentByteCount: 10 << 20, containerLimit: nil))
    let member = LoggingMember { _ in }
    let share = budget.register(name: "users", request: .init(size: .bytes(30 << 20)))
    share.attach(member)
    let lines = budget.explain().split(separator: "\n").map {
      $0.split(separator: " ").joined(separator: " ")
    }
    #expect(
      lines == [
        "128 MiB memory AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128", "- 10 MiB in use resident set",
        "- 52 MiB reserve default: 40 MiB for the handler, 12 MiB for the allocator",
        "= 66 MiB for caches 69206016 bytes", "- 30 MiB cache users asked for 30 MiB",
        "= 36 MiB left",
      ])
    withExtendedLifetime(member) {}
  }

  @Test("The real process has a memory budget")
  func realProcess() throws {
    let budget = try MemoryBudget(environment: [:])
    #expect(budget.byteLimit >= 0 && budget.explain().contains("resident set"))
  }

  @Test("A limit that is negative or out of all reach traps")
  func traps() async {
    await #expect(processExitsWith: .failure) { _ = MemoryBudget(byteLimit: -1) }
    await #expect(processExitsWith: .failure) { _ = MemoryBudget(byteLimit: .max) }
    await #expect(processExitsWith: .failure) {
      _ = BudgetRequest(minimumByteCount: 2, maximumByteCount: 1)
    }
  }
}
