import LambdaCache
import TestSupport

/// The keys and values that a fuzzed cache holds: entries are known by the number of their key and
/// the serial number of their value.
protocol CacheVocabulary: Sendable, SendableMetatype {
  associatedtype Key: Hashable & Sendable
  associatedtype Value: Sendable

  init()

  /// A key; all variants of one number are equal.
  func key(_ number: Int, variant: Int) -> Key
  func number(of key: Key) -> Int
  /// The size of a key, in which the variants of one number may differ.
  func size(ofKey key: Key) -> Int
  func value(serial: Int, size: Int) -> Value
  func serial(of value: Value) -> Int
  func size(of value: Value) -> Int

  /// The hash for an engine that is given its hashes from outside.
  func hash(_ key: Key) -> UInt32

  /// Tracked instances alive, and how many belong to one entry; `nil` if nothing is tracked.
  var lifetimes: (live: Int, perEntry: Int)? { get }
}

/// Keys and values that may simply be overwritten.
struct TrivialVocabulary: CacheVocabulary {
  struct Value: BitwiseCopyable {
    var serial: Int
    var size: Int
  }

  func key(_ number: Int, variant: Int) -> Int { number }
  func number(of key: Int) -> Int { key }
  func size(ofKey key: Int) -> Int { 0 }
  func value(serial: Int, size: Int) -> Value { Value(serial: serial, size: size) }
  func serial(of value: Value) -> Int { value.serial }
  func size(of value: Value) -> Int { value.size }
  func hash(_ key: Int) -> UInt32 {
    KeyHasher(secret: 5, multiplier: 0x9E37_79B9_7F4A_7C15).hash(key)
  }
  var lifetimes: (live: Int, perEntry: Int)? { nil }
}

/// Strings that are equal without having the same bytes, and values whose life is tracked.
struct TextVocabulary: CacheVocabulary {
  struct Value: Sendable {
    var instance: LifetimeTracker.Instance
    var size: Int
  }

  private let tracker = LifetimeTracker()

  /// Pairs of canonically equivalent prefixes.
  private static let prefixes = [
    ["K", "\u{212A}"], ["\u{E9}", "e\u{301}"], [";", "\u{37E}"],
    ["a long prefix \u{E5}, not inline ", "a long prefix a\u{30A}, not inline "],
    ["a long prefix of ASCII K ", "a long prefix of ASCII \u{212A} "], ["", ""],
  ]

  func key(_ number: Int, variant: Int) -> String {
    let pair = TextVocabulary.prefixes[number % TextVocabulary.prefixes.count]
    return pair[variant % 2] + String(number)
  }

  func number(of key: String) -> Int {
    let digits = key.reversed().prefix { $0.isASCII && $0.isNumber }.reversed()
    guard let number = Int(String(digits)) else {
      preconditionFailure("\(key) is not a key of this vocabulary")
    }
    return number
  }

  /// The spellings of one key have different numbers of bytes.
  func size(ofKey key: String) -> Int { 16 * key.utf8.count }

  func value(serial: Int, size: Int) -> Value {
    Value(instance: tracker.instance(serial), size: size)
  }

  func serial(of value: Value) -> Int { value.instance.payload }
  func size(of value: Value) -> Int { value.size }
  func hash(_ key: String) -> UInt32 {
    KeyHasher(secret: 5, multiplier: 0x9E37_79B9_7F4A_7C15).hash(key)
  }

  var lifetimes: (live: Int, perEntry: Int)? {
    (tracker.liveCount + tracker.doublyDestroyedCount, 1)
  }
}

/// Keys of few different hashes; keys and values are tracked.
struct CollidingVocabulary: CacheVocabulary {
  struct Key: Hashable, Sendable {
    var instance: LifetimeTracker.Instance
    var size = 0

    static func == (first: Key, second: Key) -> Bool {
      first.instance.payload == second.instance.payload
    }

    func hash(into hasher: inout Hasher) {
      hasher.combine(instance.payload % 3)
    }
  }

  struct Value: Sendable {
    var instance: LifetimeTracker.Instance
    var size: Int
  }

  private let tracker = LifetimeTracker()

  func key(_ number: Int, variant: Int) -> Key {
    Key(instance: tracker.instance(number), size: variant % 2 * 200)
  }
  func number(of key: Key) -> Int { key.instance.payload }
  func size(ofKey key: Key) -> Int { key.size }

  func value(serial: Int, size: Int) -> Value {
    Value(instance: tracker.instance(serial), size: size)
  }

  func serial(of value: Value) -> Int { value.instance.payload }
  func size(of value: Value) -> Int { value.size }

  /// Homes at the end of every table, with equal hashes, equal tags and different ones.
  func hash(_ key: Key) -> UInt32 {
    let number = UInt32(key.instance.payload)
    let home = (number % 3 &- 2) ^ (number / 3 % 4) << 28
    return home >> 6 | home << 26
  }

  var lifetimes: (live: Int, perEntry: Int)? {
    (tracker.liveCount + tracker.doublyDestroyedCount, 2)
  }
}
