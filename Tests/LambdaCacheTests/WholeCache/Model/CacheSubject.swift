import LambdaCache
import TestSupport

/// A cache of any kind against ``CacheModel``, under random limits, times and operations.
final class CacheSubject<Vocabulary: CacheVocabulary, Driver: CacheDriver>: FuzzSubject
where Driver.Key == Vocabulary.Key, Driver.Value == Vocabulary.Value {
  let vocabulary = Vocabulary()
  private let clock = ManualClock(elapsed: .seconds(1_000))
  private let told = Told()
  private let isObserved: Bool
  let driver: Driver
  var model: CacheModel
  /// Microseconds since the cache was made.
  private(set) var reading = 0
  private var serial = 0
  private var greatestByteLimit: Int
  var coverage: [String: Int] = [:]

  /// The calls of the removal listener since the last reading.
  private final class Told: Sendable {
    private let departed = Locked<[Departed]>([])

    func add(_ entry: Departed) { departed.withLock { $0.append(entry) } }

    func take() -> [Departed] {
      departed.withLock { all in
        defer { all = [] }
        return all
      }
    }
  }

  init(_ configuration: CacheFuzzConfiguration) {
    isObserved = configuration.isObserved
    greatestByteLimit = configuration.byteLimit
    model = CacheModel(
      timeToLive: configuration.timeToLive, keyCount: configuration.keyCount,
      payloadStride: MemoryLayout<(Vocabulary.Key, Vocabulary.Value)>.stride,
      byteLimit: configuration.byteLimit, entryLimit: configuration.entryLimit,
      entryByteLimit: configuration.entryByteLimit, policy: configuration.policy)
    let (vocabulary, told) = (vocabulary, told)
    let listener: @Sendable (Vocabulary.Key, Vocabulary.Value, RemovalCause) -> Void = {
      told.add(
        Departed(key: vocabulary.number(of: $0), serial: vocabulary.serial(of: $1), cause: $2))
    }
    driver = Driver(
      CacheSetup(
        byteLimit: configuration.byteLimit, entryLimit: configuration.entryLimit,
        entryByteLimit: configuration.entryByteLimit,
        expiration: Expiration(timeToLive: configuration.timeToLive), policy: configuration.policy,
        clock: clock,
        size: { CacheModel.sum(vocabulary.size(ofKey: $0), vocabulary.size(of: $1)) },
        loadTime: { CacheModel.loadTime(ofValue: vocabulary.serial(of: $0)) },
        hash: { vocabulary.hash($0) },
        onRemoval: configuration.isObserved ? listener : nil))
  }

  static func configuration(using random: inout SplitMix64) -> CacheFuzzConfiguration {
    CacheFuzzConfiguration(using: &random)
  }

  static func operation(
    in configuration: CacheFuzzConfiguration, using random: inout SplitMix64
  ) -> CacheFuzzOperation {
    CacheFuzzOperation(in: configuration, using: &random)
  }

  func perform(_ operation: CacheFuzzOperation) -> [String] {
    var violations: [String] = []
    adoptOrder()
    switch operation {
    case .read(let key, let variant): violations += read(key, variant: variant)
    case .peek(let key, let variant): violations += peek(key, variant: variant)
    case .set(let key, let variant, let size, let timeToLive, let passesSize):
      violations += set(
        key, variant: variant, size: size, timeToLive: timeToLive, passesSize: passesSize)
    case .remove(let key, let variant): violations += remove(key, variant: variant)
    case .update(let key, let variant, let size, let isThrowing):
      update(key, variant: variant, size: size, isThrowing: isThrowing)
    case .borrow(let key, let variant): violations += borrow(key, variant: variant)
    case .readOrInsert(let key, let variant, let size):
      violations += readOrInsert(key, variant: variant, size: size)
    case .removeIf(let key, let variant, let divisor):
      violations += removeIf(key, variant: variant, multipleOf: divisor)
    case .removeAllIf(let divisor): removeAllIf(multipleOf: divisor)
    case .removeAll(let keepingCapacity):
      violations += removeAll(keepingCapacity: keepingCapacity)
    case .advance(let microseconds): step(by: microseconds)
    case .stepBack(let microseconds, let isSeen):
      if isSeen { violations += remove(1_000_000, variant: 0) }
      step(by: -microseconds)
    case .limitBytes(let limit):
      model.byteLimit = limit
      greatestByteLimit = max(greatestByteLimit, limit)
      limitsChanged { driver in driver.byteLimit = limit }
    case .limitEntries(let limit):
      model.entryLimit = limit
      limitsChanged { driver in driver.entryLimit = limit }
    case .limitEntryBytes(let limit):
      model.entryByteLimit = limit
      limitsChanged { driver in driver.entryByteLimit = limit }
    }
    violations += model.violations
    model.violations = []
    return violations
  }

  // MARK: Operations

  private func read(_ key: Int, variant: Int) -> [String] {
    let found = driver.value(forKey: vocabulary.key(key, variant: variant))
      .map(vocabulary.serial(of:))
    var expected: Int?
    follow { model, witness in expected = model.read(key, at: reading, witness: &witness) }
    return found == expected ? [] : ["key \(key) has \(text(found)), not \(text(expected))"]
  }

  private func peek(_ key: Int, variant: Int) -> [String] {
    let key = (number: key, value: vocabulary.key(key, variant: variant))
    let found = driver.peekValue(forKey: key.value).map(vocabulary.serial(of:))
    let expected = model.peek(key.number, at: reading)
    guard found == expected, driver.contains(key.value) == (expected != nil) else {
      return ["a look at key \(key.number) shows \(text(found)), not \(text(expected))"]
    }
    return told.take().map { "a look at key \(key.number) removed \($0)" }
  }

  func keySize(_ key: Int, variant: Int) -> Int {
    vocabulary.size(ofKey: vocabulary.key(key, variant: variant))
  }

  /// A serial number that no value had before.
  func nextSerial() -> Int {
    serial += 1
    return serial
  }

  private func set(
    _ key: Int, variant: Int, size: Int, timeToLive: Duration?, passesSize: Bool
  ) -> [String] {
    let serial = nextSerial()
    model.note(reading)
    let keySize = keySize(key, variant: variant)
    let outcome = driver.setValue(
      vocabulary.value(serial: serial, size: size),
      forKey: vocabulary.key(key, variant: variant), timeToLive: timeToLive,
      heapByteCount: passesSize ? CacheModel.sum(keySize, size) : nil)
    var expected = InsertionOutcome.rejected
    follow { model, witness in
      expected = model.set(
        key, serial: serial, size: size, keySize: keySize, timeToLive: timeToLive,
        witness: &witness)
    }
    coverage["\(outcome)", default: 0] += 1
    return outcome == expected ? [] : ["setting key \(key) was \(outcome), not \(expected)"]
  }

  private func remove(_ key: Int, variant: Int) -> [String] {
    model.note(reading)
    let removed = driver.removeValue(forKey: vocabulary.key(key, variant: variant))
      .map(vocabulary.serial(of:))
    var expected: Int?
    follow { model, witness in expected = model.removeValue(key, witness: &witness) }
    return removed == expected ? [] : ["\(text(removed)) was removed, not \(text(expected))"]
  }

  private func removeAll(keepingCapacity: Bool) -> [String] {
    model.note(reading)
    let before = driver.byteCount
    driver.removeAll(keepingCapacity: keepingCapacity)
    follow { model, witness in
      model.removeAll(keepingCapacity: keepingCapacity, witness: &witness)
    }
    if keepingCapacity {
      return driver.byteCount <= before ? [] : ["removing everything took memory"]
    }
    return driver.byteCount == 0 ? [] : ["\(driver.byteCount) bytes after removing everything"]
  }

  private func limitsChanged(_ change: (Driver) -> Void) {
    model.note(reading)
    change(driver)
    follow { model, witness in model.trim(witness: &witness) }
  }

  private func step(by microseconds: Int) {
    // A clock that runs for longer than a tick can count is as good as one that has stopped there.
    reading = min(max(reading + microseconds, -1_000_000), 1 << 59)
    clock.elapsed = .seconds(1_000) + .microseconds(reading)
  }

  /// Lets the model follow what the cache did, with what is known of the entries that left.
  func follow(_ body: (inout CacheModel, inout Witness) -> Void) {
    var witness: Witness =
      isObserved
      ? .told(told.take())
      : .remaining(Set(driver.entries.map { vocabulary.serial(of: $0.value) }))
    body(&model, &witness)
    if case .told(let departed) = witness, !departed.isEmpty {
      model.violations.append("these left without a reason: \(departed)")
    }
  }

  /// Takes the order of entries from an adaptive cache.
  private func adoptOrder() {
    guard model.isAdaptive else { return }
    model.adoptOrder(of: driver.entries.map { vocabulary.serial(of: $0.value) })
  }

  // MARK: Comparison

  var size: Int { driver.count }

  func audit() -> [String] {
    var violations = driver.checkInvariants()
    adoptOrder()
    let (keys, serials) = (model.entries.map(\.key), model.entries.map(\.serial))
    let entries = driver.entries
    let (actualKeys, actualSerials) = (
      entries.map { vocabulary.number(of: $0.key) }, entries.map { vocabulary.serial(of: $0.value) }
    )
    if actualKeys != keys || actualSerials != serials {
      violations.append(
        "in order of use: \(actualKeys) with \(actualSerials), not \(keys) with \(serials)")
    }
    if driver.count != model.entries.count {
      violations.append("count is \(driver.count), not \(model.entries.count)")
    }
    if let lifetimes = vocabulary.lifetimes, lifetimes.live != driver.count * lifetimes.perEntry {
      violations.append("\(lifetimes.live) instances are alive for \(driver.count) entries")
    }
    for entry in model.entries {
      let found = driver.peekValue(forKey: vocabulary.key(entry.key, variant: serial))
      let expected = model.isExpired(entry, at: reading) ? nil : entry.serial
      if found.map(vocabulary.serial(of:)) != expected {
        violations.append("key \(entry.key) is not what a look at it shows")
      }
    }
    return violations + compareSnapshots() + compareStatistics()
  }

  /// Snapshots show live entries only, in both orders and as many as are asked for.
  private func compareSnapshots() -> [String] {
    let live = model.entries.filter { !model.isExpired($0, at: reading) }.map(\.serial)
    let length = serial % 5
    let snapshots = [
      ("hottest of all", driver.hottest(.max), live),
      ("hottest of some", driver.hottest(length), Array(live.prefix(length))),
      ("coldest of all", driver.coldest(.max), live.reversed()),
      ("coldest of some", driver.coldest(length), live.suffix(length).reversed()),
    ]
    return snapshots.compactMap { name, entries, expected in
      let serials = entries.map { vocabulary.serial(of: $0.value) }
      return serials == expected ? nil : "the \(name) are \(serials), not \(expected)"
    }
  }

  private func compareStatistics() -> [String] {
    var expected = model.statistics
    var actual = driver.statistics
    var violations: [String] = []
    if actual.count != driver.count || actual.byteCount != driver.byteCount {
      violations.append("the statistics hold \(actual.count) entries, \(actual.byteCount) bytes")
    }
    if actual.peakByteCount < actual.byteCount || actual.peakByteCount > greatestByteLimit {
      violations.append("the peak is \(actual.peakByteCount) bytes of \(greatestByteLimit)")
    }
    if !isObserved {
      // Only a listener learns which of the entries that left had expired.
      (actual.removals.size, expected.removals.size) = (
        actual.removals.size + actual.removals.expired,
        expected.removals.size + expected.removals.expired
      )
      (actual.removals.expired, expected.removals.expired) = (0, 0)
    }
    for (key, value) in [
      "expired": actual.removals.expired, "evicted for size": actual.removals.size,
    ] where value > 0 {
      coverage[key] = value
    }
    let counters = [
      ("hits", actual.hits, expected.hits), ("misses", actual.misses, expected.misses),
      ("insertions", actual.insertions, expected.insertions),
      ("replacements", actual.replacements, expected.replacements),
      ("rejections", actual.rejections, expected.rejections),
    ]
    for (name, actual, expected) in counters where actual != expected {
      violations.append("\(name) are \(actual), not \(expected)")
    }
    if actual.removals != expected.removals {
      violations.append("removals are \(actual.removals), not \(expected.removals)")
    }
    return violations
  }

  func text(_ serial: Int?) -> String { serial.map(String.init) ?? "nothing" }
}
