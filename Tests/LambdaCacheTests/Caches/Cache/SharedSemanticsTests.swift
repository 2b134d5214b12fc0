import LambdaCache
import Synchronization
import TestSupport
import Testing

/// The shared cache is the single-owner cache behind a lock: the same script must come to the same
/// end in both.
@Suite("A shared cache does what a cache with one owner does", .prompt)
struct SharedSemanticsTests {
  enum Step: Sendable {
    case set(Int, String, timeToLive: Duration? = nil, size: Int? = nil)
    case get(Int)
    case peek(Int)
    case contains(Int)
    case remove(Int)
    case assign(Int, String?)
    case removeAll
    case byteLimit(Int)
    case entryLimit(Int?)
    case advance(Duration)
  }

  struct Event: Equatable, Sendable {
    let key: Int
    let value: String
    let cause: RemovalCause
  }

  static let scripts: [[Step]] = [
    [.get(1), .set(1, "a"), .get(1), .set(1, "b"), .get(1), .peek(1), .contains(2), .remove(1)],
    [.set(1, "a"), .set(2, "b"), .set(3, "c"), .get(1), .entryLimit(2), .get(2), .get(1), .get(3)],
    [.entryLimit(2), .set(1, "a"), .set(2, "b"), .peek(1), .contains(1), .set(3, "c"), .peek(1)],
    [.set(1, "a"), .set(1, "too large", size: 1 << 30), .get(1), .set(2, "x", size: 1 << 30)],
    [
      .set(1, "a"), .set(2, "b"), .byteLimit(0), .get(1), .set(1, "a"), .byteLimit(65_536),
      .set(1, "a"),
    ],
    [
      .set(1, "a"), .advance(.seconds(60)), .get(1), .peek(1), .contains(1), .remove(1),
      .set(1, "b"),
    ],
    [
      .set(1, "a", timeToLive: .seconds(1)), .set(2, "b", timeToLive: .zero), .set(2, "c"),
      .advance(.seconds(1)), .set(3, "d"), .get(1), .advance(.seconds(58)), .get(2), .removeAll,
    ],
    [.assign(1, "a"), .assign(1, "b"), .assign(1, nil), .assign(1, nil), .get(1), .removeAll],
    [
      .set(1, "a"), .set(2, "b"), .set(3, "c"), .removeAll, .get(1), .set(1, "d"), .entryLimit(0),
      .entryLimit(nil),
    ],
    (0..<300).map { .set($0 * 7 % 40, "value \($0)") } + [.entryLimit(10)]
      + (0..<40).map { .get($0) },
  ]

  /// The result of each step, every entry that left, and the statistics at the end.
  struct Course: Equatable {
    var answers: [String] = []
    var events: [Event] = []
    var statistics = CacheStatistics()

    /// Takes everything but the bytes: how fast an index moves into a larger one depends on the
    /// hashes, and those on the secrets of the cache.
    mutating func note(_ statistics: CacheStatistics) {
      self.statistics = statistics
      self.statistics.byteCount = 0
      self.statistics.peakByteCount = 0
    }
  }

  private func course(ofUniqueCache script: [Step]) -> Course {
    let clock = ManualClock()
    let events = Locked<[Event]>([])
    var cache = UniqueCache<Int, String>(byteLimit: 65_536, timeToLive: .seconds(60)) {
      $0.clock = clock
      $0.onRemoval = { key, value, cause in
        events.withLock { $0.append(Event(key: key, value: value, cause: cause)) }
      }
    }
    var course = Self.course(of: script, in: &cache, clock: clock)
    course.events = events.withLock { $0 }
    return course
  }

  private func course(ofSharedCache script: [Step]) -> Course {
    let clock = ManualClock()
    let events = Locked<[Event]>([])
    var cache = Cache<Int, String>(byteLimit: 65_536, timeToLive: .seconds(60)) {
      $0.clock = clock
      $0.onRemoval = { key, value, cause in
        events.withLock { $0.append(Event(key: key, value: value, cause: cause)) }
      }
    }
    var course = Self.course(of: script, in: &cache, clock: clock)
    course.events = events.withLock { $0 }
    return course
  }

  private static func course<Cache: ScriptedCache & ~Copyable>(
    of script: [Step], in cache: inout Cache, clock: ManualClock
  ) -> Course {
    var course = Course()
    for step in script {
      switch step {
      case .set(let key, let value, let timeToLive, let size):
        let outcome = cache.setValue(
          value, forKey: key, timeToLive: timeToLive, heapByteCount: size)
        course.answers.append("\(outcome)")
      case .get(let key): course.answers.append("\(cache.value(forKey: key) ?? "-")")
      case .peek(let key): course.answers.append("\(cache.peekValue(forKey: key) ?? "-")")
      case .contains(let key): course.answers.append("\(cache.contains(key))")
      case .remove(let key): course.answers.append("\(cache.removeValue(forKey: key) ?? "-")")
      case .assign(let key, let value): cache[key] = value
      case .removeAll: cache.removeAll(keepingCapacity: false)
      case .byteLimit(let limit): cache.byteLimit = limit
      case .entryLimit(let limit): cache.entryLimit = limit
      case .advance(let duration): clock.advance(by: duration)
      }
      let isOverLimit = cache.byteCount > cache.byteLimit
      course.answers.append("\(cache.count) \(cache.isEmpty) \(isOverLimit ? "over" : "within")")
    }
    course.note(cache.statistics)
    return course
  }

  @Test(
    "A shared cache does what a cache with one owner does, step by step", arguments: scripts.indices
  )
  func sameCourse(script: Int) {
    let shared = course(ofSharedCache: Self.scripts[script])
    #expect(shared == course(ofUniqueCache: Self.scripts[script]))
    #expect(!shared.answers.contains { $0.hasSuffix("over") })
  }

  @Test("A shared cache stores the key of the last write where equal keys differ")
  func keyIsReplaced() {
    let keys = Locked<[String]>([])
    let cache = Cache<String, Int>(byteLimit: 65_536) {
      $0.onRemoval = { key, _, _ in keys.withLock { $0.append(key) } }
    }
    cache["cafe\u{301}"] = 1
    #expect(cache.setValue(2, forKey: "caf\u{E9}") == .replaced)
    #expect(cache["caf\u{E9}"] == 2)
    cache.removeAll()
    #expect(keys.withLock { $0 }.map { $0.utf8.count } == [6, 5])
  }

  @Test("A shared cache reads back the limits it was given, as one owner's does")
  func limits() {
    let cache = Cache<Int, Int>(byteLimit: .max, entryLimit: .max)
    #expect(cache.byteLimit == .max)
    #expect(cache.entryLimit == nil)
    cache.byteLimit = 5000
    cache.entryLimit = 3
    #expect(cache.byteLimit == 5000)
    #expect(cache.entryLimit == 3)
    cache.entryLimit = nil
    #expect(cache.entryLimit == nil)
  }

  @Test("A shared cache stops the program for a negative limit, in a debug build with words")
  func negativeLimits() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      Cache<Int, Int>(byteLimit: 1).byteLimit = -1
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("the byte limit of a cache is negative: -1"))
  }
}

/// A step of a script.
private protocol ScriptedCache: ~Copyable {
  var count: Int { get }
  var isEmpty: Bool { get }
  var byteCount: Int { get }
  var byteLimit: Int { get set }
  var entryLimit: Int? { get set }
  var statistics: CacheStatistics { get }

  subscript(key: Int) -> String? { mutating get set }

  mutating func value(forKey key: Int) -> String?
  func peekValue(forKey key: Int) -> String?
  func contains(_ key: Int) -> Bool
  mutating func setValue(
    _ value: String, forKey key: Int, timeToLive: Duration?, heapByteCount: Int?
  ) -> InsertionOutcome
  mutating func removeValue(forKey key: Int) -> String?
  mutating func removeAll(keepingCapacity: Bool)
}

extension UniqueCache: ScriptedCache where Key == Int, Value == String {}

extension Cache: ScriptedCache where Key == Int, Value == String {}
