import LambdaCache

struct AgingConfiguration {
  var expiration: Expiration
  var loading: LoadPolicy
  var keyCount: Int
  var byteLimit: Int
  var entryLimit: Int?
  var start: Int
}

enum AgingOperation {
  case read(Int)
  case ask(Int)
  case set(Int, timeToLive: Duration?)
  case setTimeToLive(Int, Duration?)
  case remove(Int)
  case removeAll
  case advance(microseconds: Int)
  case limitEntries(Int?)
  /// As many operations as there are entries, none of which finds anything.
  case settle
}

/// A cache with every kind of expiry against ``AgingModel``.
final class AgingSubject<Driver: AgedDriver>: FuzzSubject
where Driver.Key == Int, Driver.Value == Int {
  private let clock: ManualClock
  private let driver: Driver
  private var model: AgingModel
  private let departed = Locked<[Departed]>([])
  private var reading = 0
  private var serial = 0
  private var entryLimit: Int?
  private let origin = Duration.seconds(1_000)
  private(set) var coverage: [String: Int] = [:]

  init(_ configuration: AgingConfiguration) {
    clock = ManualClock(elapsed: origin)
    let departed = departed
    driver = Driver(
      CacheSetup(
        byteLimit: configuration.byteLimit, entryLimit: configuration.entryLimit,
        expiration: configuration.expiration, loading: configuration.loading, clock: clock,
        size: { _, _ in 24 },
        hash: { _ in 0 },
        onRemoval: { key, serial, cause in
          departed.withLock { $0.append(Departed(key: key, serial: serial, cause: cause)) }
        }))
    model = AgingModel(configuration.expiration, configuration.loading)
    entryLimit = configuration.entryLimit
    advance(by: configuration.start)
  }

  func perform(_ operation: AgingOperation) -> [String] {
    var violations: [String] = []
    switch operation {
    case .read(let key): violations += read(key)
    case .ask(let key): violations += ask(key)
    case .set(let key, let timeToLive): violations += set(key, timeToLive: timeToLive)
    case .setTimeToLive(let key, let timeToLive):
      violations += setTimeToLive(timeToLive, of: key)
    case .remove(let key): violations += remove(key)
    case .removeAll:
      model.note(reading)
      driver.removeAll(keepingCapacity: serial.isMultiple(of: 2))
      violations += followDepartures()
      if !model.entries.isEmpty { violations.append("\(model.entries.keys) were not removed") }
    case .advance(let microseconds): advance(by: microseconds)
    case .limitEntries(let limit):
      model.note(reading)
      entryLimit = limit
      driver.entryLimit = limit
      violations += followDepartures()
    case .settle: violations += settle()
    }
    return violations
  }

  private func advance(by microseconds: Int) {
    reading = min(max(0, reading + microseconds), 1 << 59)
    clock.elapsed = origin + .microseconds(reading)
  }

  // MARK: Operations

  private func read(_ key: Int) -> [String] {
    model.note(reading)
    let expected = model.isFresh(key) ? model.entries[key]?.serial : nil
    let found = driver.value(forKey: key)
    var violations = followDepartures()
    if expected == nil { model.misses += 1 } else { model.hits += 1 }
    if expected != nil { model.use(key) }
    if found != expected {
      violations.append("key \(key) has \(text(found)), not \(text(expected))")
    }
    return violations
  }

  private func ask(_ key: Int) -> [String] {
    model.note(reading)
    var expected: CachedValue<Int>?
    if let entry = model.entries[key], model.isKept(key) {
      let fresh = model.ends(of: entry).fresh
      expected =
        model.isFresh(key)
        ? .fresh(entry.serial) : .stale(entry.serial, for: .milliseconds(model.now - fresh!))
    }
    let found = driver.freshOrStaleValue(forKey: key)
    var violations = followDepartures()
    switch expected {
    case .fresh:
      model.hits += 1
      model.use(key)
    case .stale:
      model.misses += 1
      model.staleHits += 1
      coverage["stale", default: 0] += 1
    case nil: model.misses += 1
    }
    if found != expected {
      violations.append(
        "key \(key) is \(String(describing: found)), not \(String(describing: expected))")
    }
    return violations
  }

  private func set(_ key: Int, timeToLive: Duration?) -> [String] {
    serial += 1
    model.note(reading)
    let wasFresh = model.isFresh(key)
    let lifetimes = model.lifetimes(timeToLive)
    let outcome = driver.setValue(serial, forKey: key, timeToLive: timeToLive, heapByteCount: nil)
    coverage["\(outcome)", default: 0] += 1
    var violations = followDepartures(inserting: key)
    guard outcome != .rejected else {
      if lifetimes != nil, entryLimit ?? 1 > 0 { violations.append("key \(key) was rejected") }
      model.remove(key)
      return violations
    }
    guard let lifetimes else { return violations + ["key \(key) lives for no time"] }
    if (outcome == .replaced) != wasFresh { violations.append("setting \(key) was \(outcome)") }
    model.remove(key)
    model.entries[key] = .init(
      serial: serial, written: min(model.now, AgingModel.longest - 2), deadline: nil,
      used: model.ceiling)
    model.use(key)
    return violations + learnDeadline(of: key, lifetimes: lifetimes)
  }

  /// Learns by how much chance has shortened a lifetime, and that it was no more than it may be.
  private func learnDeadline(of key: Int, lifetimes: ClosedRange<Int>) -> [String] {
    let last = model.named(model.ceiling + lifetimes.upperBound)
    guard lifetimes.lowerBound < lifetimes.upperBound else {
      model.entries[key]?.deadline = lifetimes.upperBound < AgingModel.longest ? last : nil
      return []
    }
    guard let remaining = driver.remainingTimeToLive(forKey: key) else {
      let hasEnd = last.map { model.named($0 + model.staleTime) != nil } ?? false
      return hasEnd ? ["key \(key) has no deadline"] : []
    }
    coverage["jittered", default: 0] += 1
    let end = model.now + AgingModel.milliseconds(remaining)
    if let idle = model.expiration.idleTimeToLive,
      end >= model.ceiling + AgingModel.milliseconds(idle)
    {
      // Idleness hides the deadline, which is at least as late.
      _ = driver.removeValue(forKey: key)
      return followDepartures(removing: key)
    }
    model.entries[key]?.deadline = end
    let range = (model.ceiling + lifetimes.lowerBound)...(model.ceiling + lifetimes.upperBound)
    return range.contains(end) ? [] : ["key \(key) ends at \(end), not in \(range)"]
  }

  private func setTimeToLive(_ timeToLive: Duration?, of key: Int) -> [String] {
    model.note(reading)
    let expected = model.isFresh(key)
    let found = driver.setTimeToLive(timeToLive, forKey: key)
    var violations: [String] = []
    if found != expected { violations.append("key \(key) was \(found ? "" : "not ")there") }
    let span = timeToLive.map(AgingModel.milliseconds)
    if expected {
      let deadline = span.flatMap {
        $0 < AgingModel.longest ? model.named(model.ceiling + $0) : nil
      }
      model.entries[key]?.deadline = deadline
      coverage["changed", default: 0] += 1
    }
    violations += followDepartures(removing: expected && span == 0 ? key : nil)
    if expected, span == 0, model.entries[key] != nil {
      violations.append("key \(key) lives on without any time")
    }
    return violations
  }

  private func remove(_ key: Int) -> [String] {
    model.note(reading)
    let expected = model.isFresh(key) ? model.entries[key]?.serial : nil
    let found = driver.removeValue(forKey: key)
    var violations = followDepartures(removing: key)
    if found != expected { violations.append("\(text(found)) was removed, not \(text(expected))") }
    if model.entries[key] != nil { violations.append("key \(key) was not removed") }
    return violations
  }

  private func settle() -> [String] {
    var violations: [String] = []
    for _ in 0..<driver.count { violations += read(-1) }
    let gone = model.entries.keys.filter { !model.isKept($0) }
    if !gone.isEmpty { violations.append("\(gone) still take memory") }
    coverage["settled", default: 0] += 1
    return violations
  }

  // MARK: Comparison

  /// Lets the model follow what left, and judges each cause.
  private func followDepartures(inserting: Int? = nil, removing: Int? = nil) -> [String] {
    var violations: [String] = []
    let left = departed.withLock { all in
      defer { all = [] }
      return all
    }
    for entry in left {
      guard model.entries[entry.key]?.serial == entry.serial else {
        violations.append("\(entry) left and was not there")
        continue
      }
      coverage["\(entry.cause)", default: 0] += 1
      switch entry.cause {
      case .expired:
        if model.isFresh(entry.key), entry.key != removing {
          violations.append("\(entry) was fresh")
        }
        if model.isKept(entry.key), entry.key != inserting, entry.key != removing,
          model.order.last != entry.key, entryLimit == nil
        {
          violations.append("\(entry) was to be kept")
        }
      case .size:
        if !model.isFresh(entry.key) { violations.append("\(entry) had expired") }
        if model.order.last(where: { $0 != inserting }) != entry.key {
          violations.append("\(entry) was not the coldest")
        }
      case .replaced:
        if entry.key != inserting || !model.isFresh(entry.key) {
          violations.append("\(entry) was not to be replaced")
        }
      case .explicit:
        if !model.isFresh(entry.key) { violations.append("\(entry) had expired") }
      case .pressure: violations.append("\(entry) left for memory")
      }
      model.remove(entry.key)
    }
    return violations
  }

  var size: Int { driver.count }

  func audit() -> [String] {
    var violations = driver.checkInvariants()
    let looking = model.noting(reading)
    let fresh = model.order.filter(looking.isFresh)
    let hottest = driver.hottest(.max).map(\.key)
    if hottest != fresh { violations.append("in order of use: \(hottest), not \(fresh)") }
    for key in model.order {
      let isFresh = looking.isFresh(key)
      if driver.contains(key) != isFresh { violations.append("key \(key): fresh is \(isFresh)") }
      let entry = model.entries[key]!
      let remaining = isFresh ? looking.ends(of: entry).fresh.map { $0 - looking.now } : nil
      let found = driver.remainingTimeToLive(forKey: key)
      if found != remaining.map({ .milliseconds($0) }) {
        violations.append(
          "key \(key) remains for \(String(describing: found)), not \(String(describing: remaining))"
        )
      }
      let hasAge =
        (model.expiration.recordsAge || model.expiration.afterThaw != .keep)
        && looking.isKept(key)
      let age = hasAge ? Duration.milliseconds(looking.now - entry.written) : nil
      if driver.age(forKey: key) != age {
        violations.append(
          "key \(key) is \(String(describing: driver.age(forKey: key))) old, not \(String(describing: age))"
        )
      }
    }
    let statistics = driver.statistics
    let counted = [statistics.hits, statistics.misses, statistics.staleHits, statistics.thaws]
    let expected = [model.hits, model.misses, model.staleHits, model.thaws]
    if counted != expected { violations.append("hits, misses…: \(counted), not \(expected)") }
    if model.thaws > 0 { coverage["thaws", default: 0] += 1 }
    return violations
  }

  private func text(_ serial: Int?) -> String { serial.map(String.init) ?? "nothing" }
}
