import LambdaCache
import TestSupport
import Testing

/// Queue and timing wheel against a dictionary of deadlines.
private final class ExpiryTableSubject: FuzzSubject {
  struct Configuration {
    /// The longest time to live in ticks.
    var longest: UInt64
    var start: UInt64
  }

  enum Operation {
    case schedule(Int, after: UInt64)
    case cancel(Int)
    case move(Int, to: Int)
    case advance(UInt64)
    case expire(moves: Int)
    case drain
    case releaseAll
  }

  /// Ticks in a year.
  private static let year: UInt64 = 31_556_952_000
  private static let slotCount = 48

  static func configuration(using random: inout SplitMix64) -> Configuration {
    Configuration(
      longest: random.pick([1, 63, 64, 4_096, 1_000_000, year, Tick.end]),
      start: random.pick([1, 2, 4_095, 1 << 40, Tick.end - 70]))
  }

  static func operation(
    in configuration: Configuration, using random: inout SplitMix64
  ) -> Operation {
    let longest = configuration.longest
    switch random.number(0...29) {
    case 0...11:
      let limit = random.pick([longest, max(1, longest / 64), min(longest, 64)])
      return .schedule(random.number(0...999), after: UInt64.random(in: 1...limit, using: &random))
    case 12...14: return .cancel(random.number(0...999))
    case 15...16: return .move(random.number(0...999), to: random.number(0...999))
    case 17...22:
      return .advance(random.pick([1, 1, 63, 64, longest / 16 + 1, longest, year, 100 * year]))
    case 23...27: return .expire(moves: random.pick([0, 1, 2, 16, 1_000]))
    case 28: return .drain
    default: return random.oneIn(3) ? .releaseAll : .schedule(0, after: 0)
    }
  }

  private var table = ExpiryTable()
  private(set) var coverage: [String: Int] = [:]

  /// The model: the deadline of every slot, 0 for none, and the present tick.
  private var deadlines = [Tick](repeating: 0, count: slotCount + 1)
  private var now: Tick

  init(_ configuration: Configuration) {
    now = configuration.start
  }

  func perform(_ operation: Operation) -> [String] {
    var violations: [String] = []
    switch operation {
    case .schedule(let pick, let after):
      let slots = unscheduled
      guard !slots.isEmpty else { break }
      schedule(slots[pick % slots.count], after: after)
    case .cancel(let pick):
      let slots = scheduled
      guard !slots.isEmpty else { break }
      cancel(slots[pick % slots.count])
    case .move(let pick, let target):
      let slots = scheduled
      let targets = unscheduled
      guard !slots.isEmpty, !targets.isEmpty else { break }
      move(from: slots[pick % slots.count], to: targets[target % targets.count])
    case .advance(let ticks): now = min(Tick.end, now &+ ticks)
    case .expire(let moves):
      guard table.isActive else { break }
      var left = moves
      violations += expire(&left)
    case .drain:
      guard table.isActive else { break }
      violations += drain()
    case .releaseAll:
      table.releaseAll()
      for slot in deadlines.indices { deadlines[slot] = 0 }
    }
    return violations + check()
  }

  private var scheduled: [Slot] {
    deadlines.indices.filter { deadlines[$0] != 0 }.map(Slot.init)
  }

  private var unscheduled: [Slot] {
    deadlines.indices.dropFirst().filter { deadlines[$0] == 0 }.map(Slot.init)
  }

  private func schedule(_ slot: Slot, after: UInt64) {
    let deadline = after == 0 ? 0 : now.deadline(after: after)
    let isReserved = table.reserve(slots: ExpiryTableSubject.slotCount, touched: 0)
    precondition(isReserved, "the system lends no address space for a small table")
    table.activate()
    table.schedule(slot, deadline: deadline, now: now)
    deadlines[Int(slot)] = deadline
    if table.wheelByteCount > 0 { coverage["steps with a wheel", default: 0] += 1 }
  }

  private func cancel(_ slot: Slot) {
    table.cancel(slot)
    deadlines[Int(slot)] = 0
  }

  private func move(from source: Slot, to target: Slot) {
    table.move(from: source, to: target)
    deadlines[Int(target)] = deadlines[Int(source)]
    deadlines[Int(source)] = 0
  }

  /// Asks once for an expired slot.
  private func expire(_ moves: inout Int) -> [String] {
    let due = scheduled.filter { deadlines[Int($0)] <= now }
    let slot = table.firstExpired(now: now, moves: &moves)
    if moves < 0 { return ["\(-moves) more moves were made than allowed"] }
    guard slot != 0 else {
      if due.isEmpty { return [] }
      coverage["moves used up", default: 0] += 1
      return moves == 0 ? [] : ["\(due) are due, none was found with \(moves) moves left"]
    }
    guard due.contains(slot) else { return ["slot \(slot) is said to be due, but only \(due) are"] }
    cancel(slot)
    coverage["expired", default: 0] += 1
    return []
  }

  /// Takes everything out that is due; each scheduled slot may move once down from each level.
  private func drain() -> [String] {
    let all = scheduled
    var moved = 0
    for _ in 0...(all.count * 8) {
      guard scheduled.contains(where: { deadlines[Int($0)] <= now }) else { break }
      var moves = 16
      let violations = expire(&moves)
      if !violations.isEmpty { return violations }
      moved += 16 - moves
    }
    let left = scheduled.filter { deadlines[Int($0)] <= now }
    if !left.isEmpty { return ["\(left) are due and were not found"] }
    return moved <= all.count * 7 ? [] : ["\(moved) moves were made for \(all.count) slots"]
  }

  private func check() -> [String] {
    guard table.isActive else { return table.checkInvariants(touchedCount: 0) { _ in false } }
    var violations = table.checkInvariants(touchedCount: ExpiryTableSubject.slotCount + 1) {
      deadlines[Int($0)] != 0
    }
    for slot in deadlines.indices.dropFirst()
    where table.deadline(of: Slot(slot)) != deadlines[slot] {
      violations.append(
        "slot \(slot) is due at \(table.deadline(of: Slot(slot))), not at \(deadlines[slot])")
    }
    return violations
  }
}

@Suite("Expiry table")
struct ExpiryTableFuzzTests {
  @Test("Queue and timing wheel find what is due, and nothing else, over leaps of years")
  func agreesWithDictionary() {
    let coverage = Fuzz.run(ExpiryTableSubject.self, histories: 100, steps: 200)
    guard Fuzz.isThorough else { return }
    for place in ["steps with a wheel", "moves used up", "expired"] {
      #expect(coverage[place, default: 0] > 0, "\(place): never")
    }
  }
}
