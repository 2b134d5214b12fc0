import LambdaCache
import TestSupport

/// The limits that a fuzzed cache begins with.
struct CacheFuzzConfiguration {
  var keyCount: Int
  var byteLimit: Int
  var entryLimit: Int?
  var entryByteLimit: Int?
  var timeToLive: Duration?
  var isObserved: Bool
  /// Whether insertions have times to live of their own.
  var mixesTimesToLive: Bool
  /// Once in how many operations a limit changes.
  var limitChanges: Int
  var policy: EvictionPolicy
}

extension CacheFuzzConfiguration {
  init(using random: inout SplitMix64) {
    self.init(
      keyCount: random.pick([2, 5, 20, 60, 150]),
      byteLimit: CacheFuzzConfiguration.byteLimit(using: &random),
      entryLimit: CacheFuzzConfiguration.entryLimit(using: &random),
      entryByteLimit: random.pick([nil, nil, nil, 100, 1_000]),
      timeToLive: random.pick([
        nil, nil, .milliseconds(1), .milliseconds(40), .microseconds(1_500), .seconds(3_600),
        .zero, .seconds(Int64.max),
      ]),
      isObserved: !random.oneIn(4), mixesTimesToLive: random.oneIn(2),
      limitChanges: random.pick([15, 100, Int.max]),
      policy: random.pick([
        .leastRecentlyUsed, .leastRecentlyUsed, .adaptive, .adaptive(preferring: .time),
        .adaptive(preferring: .bytes), .leastRecentlyUsed(watching: true),
      ]))
  }

  static func byteLimit(using random: inout SplitMix64) -> Int {
    switch random.number(0...9) {
    case 0: random.pick([0, 1, Int.max])
    case 1: random.number(0...400)
    case 2...4: random.number(200...4_000)
    case 5...7: random.number(4_000...40_000)
    default: 1 << 20
    }
  }

  static func entryLimit(using random: inout SplitMix64) -> Int? {
    random.pick([nil, nil, nil, 0, 1, 2, 10, 40, Int.max])
  }
}

/// An operation on a cache whose keys are numbered.
enum CacheFuzzOperation {
  case read(Int, variant: Int)
  case peek(Int, variant: Int)
  case set(Int, variant: Int, size: Int, timeToLive: Duration?, passesSize: Bool)
  case remove(Int, variant: Int)
  /// The value is changed in place to one of another size, or removed if that is `nil`; then the
  /// closure may throw.
  case update(Int, variant: Int, size: Int?, isThrowing: Bool)
  case borrow(Int, variant: Int)
  case readOrInsert(Int, variant: Int, size: Int)
  /// The value is removed if its serial number is a multiple.
  case removeIf(Int, variant: Int, multipleOf: Int)
  /// All values are removed whose serial numbers are multiples.
  case removeAllIf(multipleOf: Int)
  case removeAll(keepingCapacity: Bool)
  case advance(microseconds: Int)
  /// The clock goes back; before that, the cache may have an occasion to see it.
  case stepBack(microseconds: Int, isSeen: Bool)
  case limitBytes(Int)
  case limitEntries(Int?)
  case limitEntryBytes(Int?)
}

extension CacheFuzzOperation {
  init(in configuration: CacheFuzzConfiguration, using random: inout SplitMix64) {
    let key = random.number(0...configuration.keyCount - 1)
    let variant = random.number(0...1)
    if configuration.limitChanges < .max, random.oneIn(configuration.limitChanges) {
      self = CacheFuzzOperation.limitChange(using: &random)
      return
    }
    switch random.number(0...77) {
    case 0...17: self = .read(key, variant: variant)
    case 18...20: self = .peek(key, variant: variant)
    case 21...48:
      self = .set(
        key, variant: variant, size: CacheFuzzOperation.size(in: configuration, using: &random),
        timeToLive: CacheFuzzOperation.timeToLive(in: configuration, using: &random),
        passesSize: random.oneIn(3))
    case 49...53: self = .remove(key, variant: variant)
    case 54...57:
      self = .advance(microseconds: CacheFuzzOperation.microseconds(using: &random))
    case 58:
      self = .stepBack(
        microseconds: CacheFuzzOperation.microseconds(using: &random), isSeen: random.oneIn(2))
    case 59:
      self =
        random.oneIn(3)
        ? .removeAll(keepingCapacity: random.oneIn(2)) : .read(key, variant: variant)
    default: self.init(inPlaceOn: key, variant: variant, in: configuration, using: &random)
    }
  }

  private init(
    inPlaceOn key: Int, variant: Int, in configuration: CacheFuzzConfiguration,
    using random: inout SplitMix64
  ) {
    let size = CacheFuzzOperation.size(in: configuration, using: &random)
    switch random.number(0...17) {
    case 0...7:
      self = .update(
        key, variant: variant, size: random.oneIn(8) ? nil : size, isThrowing: random.oneIn(8))
    case 8...10: self = .borrow(key, variant: variant)
    case 11...13: self = .readOrInsert(key, variant: variant, size: size)
    case 14...16: self = .removeIf(key, variant: variant, multipleOf: random.number(1...2))
    default: self = .removeAllIf(multipleOf: random.number(1...5))
    }
  }

  private static func limitChange(using random: inout SplitMix64) -> CacheFuzzOperation {
    switch random.number(0...5) {
    case 0...2: .limitBytes(CacheFuzzConfiguration.byteLimit(using: &random))
    case 3...4: .limitEntries(CacheFuzzConfiguration.entryLimit(using: &random))
    default: .limitEntryBytes(random.pick([nil, 0, 5, 64, 500]))
    }
  }

  private static func size(
    in configuration: CacheFuzzConfiguration, using random: inout SplitMix64
  ) -> Int {
    switch random.number(0...19) {
    case 0...6: 0
    case 7...12: random.number(1...80)
    case 13...16: random.number(1...1_000)
    case 17:
      // Around what one entry alone may have.
      max(0, min(configuration.byteLimit, 1 << 40) - random.number(0...320))
    case 18: random.number(0...max(1, min(configuration.byteLimit, 1 << 40) / 3))
    default: random.pick([0, 1 << 36, 1 << 37, Int.max - 16, Int.max - 15, Int.max])
    }
  }

  private static func timeToLive(
    in configuration: CacheFuzzConfiguration, using random: inout SplitMix64
  ) -> Duration? {
    guard configuration.mixesTimesToLive, !random.oneIn(3) else { return nil }
    return random.pick([
      .milliseconds(1), .milliseconds(random.number(1...100)),
      .microseconds(random.number(1...9_999)),
      .seconds(random.number(1...4_000_000)),
      .seconds(31_556_952 * Int64(random.number(1...9_500))),
      .zero, .milliseconds(-5), .seconds(Int64.max), .seconds(Int64.min),
    ])
  }

  private static func microseconds(using random: inout SplitMix64) -> Int {
    let day = 86_400 * 1_000_000
    return random.pick([
      1, 999, 1_000, random.number(1...20_000), random.number(1...100_000), 3_600_000_000,
      random.oneIn(4) ? 365 * day : day, random.oneIn(20) ? 9_000 * 365 * day : 1_000,
    ])
  }
}
