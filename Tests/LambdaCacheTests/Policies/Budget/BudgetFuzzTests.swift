import LambdaCache
import TestSupport
import Testing

/// Caches that are made, resized, filled, raided and dropped on one budget, against a model that
/// knows what was set and what may not be.
private final class BudgetSubject: FuzzSubject {
  struct Configuration {
    var byteLimit: Int
    var environment: [String: String]
  }

  struct Wish {
    var minimum: Int?
    var maximum: Int?
    var weight: Double
  }

  enum Operation {
    case make(Wish)
    case drop(Int)
    case set(Int, key: Int, size: Int)
    case read(Int, key: Int)
    case remove(Int, key: Int)
    case removeAll(Int)
    case limit(Int, byteLimit: Int)
    case limitEntries(Int, Int?)
    case load(Int, byteCount: Int)
    case endLoad(Int, isKept: Bool)
    case shed(Int)
  }

  /// A cache and what the model knows of it.
  private final class Subject {
    let cache: Household.Member
    let minimum: Int
    /// The last value of each key, by size: it may be gone, but no other may be there.
    var sizes: [Int: Int] = [:]
    /// Whether it was ever given a maximum.
    var isCapped: Bool

    init(cache: Household.Member, minimum: Int, isCapped: Bool) {
      self.cache = cache
      self.minimum = minimum
      self.isCapped = isCapped
    }
  }

  private let household: Household
  private let byteLimit: Int
  private var subjects: [Subject] = []
  private var loads: [(share: BudgetShare, byteCount: Int, owner: Household.Member)] = []
  private let all = Locked<[() -> Int]>([])
  private let highest = Locked(0)
  private(set) var coverage: [String: Int] = [:]

  static func configuration(using random: inout SplitMix64) -> Configuration {
    Configuration(
      byteLimit: random.pick([0, 500, 4 << 10, 20 << 10, 64 << 10, 300 << 10]),
      environment: random.oneIn(4) ? ["LAMBDA_CACHE_TTL": "1h"] : [:])
  }

  static func operation(
    in configuration: Configuration, using random: inout SplitMix64
  ) -> Operation {
    let member = random.number(0...7)
    let limit = configuration.byteLimit
    let size = random.oneIn(6) ? random.number(0...limit) : random.number(0...(limit / 16 + 8))
    switch random.number(0...39) {
    case 0, 1:
      let minimum = random.oneIn(3) ? random.number(0...limit) : nil
      let maximum = random.oneIn(3) ? random.number((minimum ?? 0)...(limit * 2)) : nil
      return .make(
        Wish(minimum: minimum, maximum: maximum, weight: random.pick([0.01, 0.5, 1, 1, 1, 3])))
    case 2: return .drop(member)
    case 3: return .limit(member, byteLimit: random.number(0...limit))
    case 4: return .limitEntries(member, random.oneIn(2) ? nil : random.number(0...40))
    case 5: return .removeAll(member)
    case 6, 7: return .load(member, byteCount: size)
    case 8, 9, 10: return .endLoad(member, isKept: random.oneIn(2))
    case 11: return .shed(random.number(0...limit / 4))
    case 12...17: return .read(member, key: random.number(0...60))
    case 18: return .remove(member, key: random.number(0...60))
    default: return .set(member, key: random.number(0...60), size: size)
    }
  }

  init(_ configuration: Configuration) {
    byteLimit = configuration.byteLimit
    do {
      household = try Household(
        byteLimit: configuration.byteLimit, environment: configuration.environment)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  func perform(_ operation: Operation) -> [String] {
    var violations: [String] = []
    switch operation {
    case .make(let wish):
      if subjects.count < 8 { make(wish) }
    case .drop(let place):
      guard !subjects.isEmpty else { break }
      let subject = subjects.remove(at: place % subjects.count)
      for load in loads where load.owner === subject.cache { load.share.release(load.byteCount) }
      loads.removeAll { $0.owner === subject.cache }
      note("dropped")
    case .set(let place, let key, let size):
      if let subject = subject(place) { violations += set(subject, key: key, size: size) }
    case .read(let place, let key):
      if let subject = subject(place) { violations += read(subject, key: key) }
    case .remove(let place, let key):
      guard let subject = subject(place) else { break }
      subject.cache.removeValue(forKey: key)
      subject.sizes[key] = nil
    case .removeAll(let place):
      guard let subject = subject(place) else { break }
      subject.cache.removeAll()
      subject.sizes = [:]
    case .limit(let place, let limit):
      guard let subject = subject(place) else { break }
      subject.isCapped = true
      subject.cache.byteLimit = limit
    case .limitEntries(let place, let limit):
      subject(place)?.cache.entryLimit = limit
    case .load(let place, let byteCount):
      guard let cache = subject(place)?.cache, let share = cache.budgetShare else { break }
      loads.append((share, share.reserveNow(byteCount), cache))
      note("reserved")
    case .endLoad(let place, let isKept):
      guard !loads.isEmpty else { break }
      let load = loads.remove(at: place % loads.count)
      if isKept {
        load.share.giveBack(load.share.redeem(load.byteCount))
      } else {
        load.share.release(load.byteCount)
      }
    case .shed(let byteCount):
      let before = household.budget.cachedByteCount
      let shed = household.budget.shed(byteCount)
      if shed < min(byteCount, before) {
        violations.append("\(shed) bytes were shed of \(byteCount), \(before) were held")
      }
      household.budget.restore(upTo: .max)
      note("shed")
    }
    return violations
  }

  private func subject(_ place: Int) -> Subject? {
    subjects.isEmpty ? nil : subjects[place % subjects.count]
  }

  private func note(_ place: String) { coverage[place, default: 0] += 1 }

  private func make(_ wish: Wish) {
    let watch: @Sendable (Int, [UInt8], RemovalCause) -> Void = { [all, highest] _, _, _ in
      let sum = all.withLock { $0 }.reduce(0) { $0 + $1() }
      highest.withLock { $0 = max($0, sum) }
    }
    let cache = household.cache(
      minimum: wish.minimum.map { .bytes($0) }, maximum: wish.maximum.map { .bytes($0) },
      weight: wish.weight, onRemoval: watch)
    subjects.append(
      Subject(cache: cache, minimum: wish.minimum ?? 0, isCapped: wish.maximum != nil))
    all.withLock { [weak cache] all in all.append { cache?.byteCount ?? 0 } }
    note("made")
  }

  private func set(_ subject: Subject, key: Int, size: Int) -> [String] {
    let others = subjects.filter { $0 !== subject }
    let mayHave =
      byteLimit - others.reduce(0) { $0 + $1.minimum }
      - household.budget.reservedByteCount
    let outcome = subject.cache.setValue(
      [UInt8](repeating: UInt8(truncatingIfNeeded: size), count: size), forKey: key)
    if outcome == .rejected {
      subject.sizes[key] = nil
      note("rejected")
      // Structure, headers and rounding of a cache with one entry are less than 4 KiB.
      if !subject.isCapped, subject.cache.entryLimit != 0, size + 4096 <= mayHave {
        return ["\(size) bytes were rejected, although \(mayHave) can be had"]
      }
    } else {
      subject.sizes[key] = size
      note("\(outcome)")
    }
    return []
  }

  private func read(_ subject: Subject, key: Int) -> [String] {
    guard let value = subject.cache.value(forKey: key) else { return [] }
    note("hit")
    let expected = subject.sizes[key]
    return value.count == expected
      ? [] : ["key \(key) has \(value.count) bytes, not \(expected ?? -1)"]
  }

  var size: Int { subjects.reduce(0) { $0 + $1.cache.count } }

  func audit() -> [String] {
    var violations: [String] = []
    let caches = subjects.map(\.cache)
    let held = caches.reduce(0) { $0 + $1.byteCount }
    let limits = caches.reduce(0) { $0 + $1.byteLimit }
    let reserved = loads.reduce(0) { $0 + $1.byteCount }
    let assigned = household.budget.assignedByteCount
    if max(held, highest.withLock { $0 }) > byteLimit {
      violations.append("\(held) bytes are held, \(highest.withLock { $0 }) were, of \(byteLimit)")
    }
    if assigned != limits + reserved || assigned > byteLimit {
      violations.append(
        "\(assigned) bytes are booked, limits are \(limits), loads \(reserved), of \(byteLimit)")
    }
    for (place, cache) in caches.enumerated() {
      if cache.byteCount > cache.byteLimit {
        violations.append("cache \(place) holds \(cache.byteCount) of \(cache.byteLimit)")
      }
      violations += cache.checkInvariants().map { "cache \(place): \($0)" }
    }
    return violations
  }
}

@Suite("Fuzzed budgets")
struct BudgetFuzzTests {
  @Test("The sum of a budget's shares never exceeds the limit, whatever caches do")
  func caches() {
    let coverage = Fuzz.run(BudgetSubject.self, histories: 100, steps: 250)
    guard Fuzz.isThorough else { return }
    for place in [
      "made", "dropped", "inserted", "replaced", "rejected", "reserved", "shed", "hit",
    ] {
      #expect(coverage[place, default: 0] > 0, "\(place): never")
    }
  }
}
