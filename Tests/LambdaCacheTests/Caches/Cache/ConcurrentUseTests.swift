import LambdaCache
import TestSupport
import Testing

/// Four words that belong together: a reader that saw parts of two writes would notice.
private struct Sealed: Sendable {
  let key: Int
  let number: Int
  private let seal: (Int, Int)

  init(key: Int, number: Int) {
    self.key = key
    self.number = number
    seal = (key &* 31 ^ number, ~number)
  }

  var isWhole: Bool { seal == (key &* 31 ^ number, ~number) }
}

@Suite("Many threads that use one cache", .serialized, .timeLimit(.minutes(15)))
struct ConcurrentUseTests {
  private static let threads = 4
  private static let rounds = 5000

  /// The kinds of limits of a cache.
  enum Limit: CaseIterable {
    case nothing
    case bytes
    case entries
    case time
    case both
  }

  /// The events that the threads observed.
  private struct Log {
    var hits = 0
    var misses = 0
    var outcomes: [InsertionOutcome: Int] = [:]
    /// The numbers of values that were stored.
    var stored: Set<Int> = []
    var faults: [String] = []
  }

  private func makeCache(
    _ limit: Limit, clock: ManualClock,
    listener: @escaping @Sendable (Int, Sealed, RemovalCause) -> Void
  ) -> Cache<Int, Sealed> {
    let isSmall = limit == .bytes || limit == .both
    return Cache<Int, Sealed>(
      byteLimit: isSmall ? 6000 : 1 << 22,
      entryLimit: limit == .entries || limit == .both ? 20 : nil,
      timeToLive: limit == .time || limit == .both ? .milliseconds(5) : nil,
      heapByteCount: { key, value in (key + value.number) % 5 * 40 },
      configure: {
        $0.clock = clock
        $0.onRemoval = listener
      })
  }

  @Test(
    "Threads that share a cache see whole values of their keys, and every event is counted once",
    arguments: Limit.allCases)
  func stress(limit: Limit) {
    let clock = ManualClock()
    let removedEntries = Locked<[RemovalCause: [Int]]>([:])
    let cache = makeCache(limit, clock: clock) { key, value, cause in
      removedEntries.withLock {
        $0[cause, default: []].append(value.isWhole && value.key == key ? value.number : -1)
      }
    }
    let log = Locked(Log())
    let ended = Threads.run(Self.threads) { thread in
      let own = Self.use(cache, clock: clock, thread: thread)
      log.withLock { log in
        log.hits += own.hits
        log.misses += own.misses
        log.outcomes.merge(own.outcomes, uniquingKeysWith: +)
        log.stored.formUnion(own.stored)
        log.faults += own.faults
      }
    }
    #expect(ended, "a thread hangs")
    guard ended else { return }
    check(cache, log.withLock { $0 }, removedEntries: { removedEntries.withLock { $0 } })
  }

  private func check(
    _ cache: Cache<Int, Sealed>, _ log: Log, removedEntries: () -> [RemovalCause: [Int]]
  ) {
    #expect(log.faults.isEmpty)
    let statistics = cache.statistics
    #expect(statistics.hits == log.hits)
    #expect(statistics.misses == log.misses)
    #expect(statistics.insertions == log.outcomes[.inserted, default: 0])
    #expect(statistics.replacements == log.outcomes[.replaced, default: 0])
    #expect(statistics.rejections == log.outcomes[.rejected, default: 0])
    #expect(statistics.removals.replaced == statistics.replacements)
    #expect(
      statistics.count
        == statistics.insertions + statistics.replacements - statistics.removals.total)
    #expect(statistics.peakByteCount <= cache.byteLimit)
    for cause in RemovalCause.allCases {
      #expect(removedEntries()[cause, default: []].count == statistics.removals[cause], "\(cause)")
    }
    cache.removeAll()
    #expect(cache.byteCount == 0)
    let left = removedEntries().values.flatMap(\.self)
    #expect(left.count == log.stored.count, "an entry left twice, or never")
    #expect(Set(left) == log.stored)
  }

  /// One thread's part: every operation, on keys that all threads share.
  private static func use(_ cache: Cache<Int, Sealed>, clock: ManualClock, thread: Int) -> Log {
    var numbers = SplitMix64(seed: UInt64(thread + 1))
    var log = Log()
    for round in 0..<rounds {
      let key = Int(numbers.next() % 50)
      switch numbers.next() % 20 {
      case 0..<9:
        let value = cache.value(forKey: key)
        if value == nil { log.misses += 1 } else { log.hits += 1 }
        check(value, key: key, &log)
      case 9..<16:
        let number = round * threads + thread
        let isTooLarge = numbers.next() % 50 == 0
        let outcome = cache.setValue(
          Sealed(key: key, number: number), forKey: key, heapByteCount: isTooLarge ? 1 << 24 : nil)
        log.outcomes[outcome, default: 0] += 1
        if outcome != .rejected { log.stored.insert(number) }
      case 16: check(cache.removeValue(forKey: key), key: key, &log)
      case 17: check(cache.peekValue(forKey: key), key: key, &log)
      case 18:
        let statistics = cache.statistics
        if statistics.byteCount > cache.byteLimit { log.faults.append("over the byte limit") }
        if statistics.count > cache.entryLimit ?? .max { log.faults.append("over the entry limit") }
      default:
        if numbers.next() % 100 == 0 { cache.removeAll() }
        clock.advance(by: .milliseconds(1))
      }
    }
    return log
  }

  private static func check(_ value: Sealed?, key: Int, _ log: inout Log) {
    guard let value, !value.isWhole || value.key != key else { return }
    log.faults.append("key \(key) has a torn or foreign value")
  }

  @Test("Threads that share a cache never find it over a limit that no thread is raising")
  func changingLimits() {
    let cache = Cache<String, [UInt8]>(byteLimit: 1 << 20)
    let faults = SharedCounter()
    let ended = Threads.run(Self.threads) { thread in
      var numbers = SplitMix64(seed: UInt64(thread + 10))
      for round in 0..<2000 {
        let key = "key \(numbers.next() % 200)"
        if thread == 0 {
          let limit = Int(numbers.next() % 60_000)
          cache.byteLimit = limit
          if cache.byteCount > limit { faults.increment() }
        } else if round % 3 == 0 {
          _ = cache[key]
        } else {
          cache[key] = [UInt8](repeating: 1, count: Int(numbers.next() % 3000))
        }
      }
    }
    #expect(ended, "a thread hangs")
    #expect(faults.count == 0)
    #expect(cache.byteCount <= cache.byteLimit)
  }

  @Test("Tasks that load, write and remove at once get answers that belong to their keys")
  func tasks() async throws {
    let cache = Cache<Int, Sealed>(
      byteLimit: 8000, entryLimit: 30, heapByteCount: { key, _ in key * 8 })
    let loads = SharedCounter()
    let tasks = (0..<16).map { number in
      Task {
        var numbers = SplitMix64(seed: UInt64(number + 100))
        var faults = 0
        for round in 0..<300 {
          let key = Int(numbers.next() % 60)
          switch numbers.next() % 8 {
          case 0: cache.removeValue(forKey: key)
          case 1: cache[key] = Sealed(key: key, number: round)
          case 2 where numbers.next() % 20 == 0: cache.removeAll()
          default:
            let value = try await cache.value(forKey: key) { key in
              loads.increment()
              if key % 3 == 0 { await Task.yield() }
              return Sealed(key: key, number: -round)
            }
            if !value.isWhole || value.key != key { faults += 1 }
          }
        }
        return faults
      }
    }
    for task in tasks { #expect(try await task.answer() == 0) }
    let statistics = cache.statistics
    #expect(statistics.loadSuccesses == loads.count)
    #expect(statistics.loadSuccesses <= statistics.misses)
    #expect(statistics.peakByteCount <= 8000)
    #expect(statistics.count <= 30)
  }
}
