import LambdaCache
import TestSupport
import Testing

@Suite("Options of a cache", .prompt)
struct CacheOptionsTests {
  private let clock = ManualClock()

  @Test("A value, a closure and parameters make the same cache")
  func ways() {
    var options = CacheOptions<Int, Int>()
    options.entryLimit = 2
    options.expiration.timeToLive = .seconds(5)
    options.clock = clock
    let caches = [
      Cache<Int, Int>(byteLimit: 1 << 16, options: options),
      Cache<Int, Int>(byteLimit: 1 << 16) { $0 = options },
      Cache<Int, Int>(byteLimit: 1 << 16, entryLimit: 2, timeToLive: .seconds(5)) {
        $0.clock = clock
      },
      Cache<Int, Int>(
        byteLimit: 1 << 16, entryLimit: 2, timeToLive: .seconds(5), heapByteCount: { _, _ in 0 },
        configure: { $0.clock = clock }),
      Cache<Int, Int>(byteLimit: 1 << 16, options: options) { $0.entryLimit = 2 },
    ]
    for (number, cache) in caches.enumerated() {
      for key in 1...3 { cache[key] = key }
      #expect(cache.count == 2 && cache.entryLimit == 2, "cache \(number)")
      #expect(cache.remainingTimeToLive(forKey: 3) == .seconds(5), "cache \(number)")
    }
  }

  @Test("A value, a closure and parameters make the same cache of one owner")
  func waysOfUniqueCaches() {
    var options = UniqueCacheOptions<Int, Int>()
    options.entryLimit = 2
    options.expiration.timeToLive = .seconds(5)
    options.clock = clock
    func check(_ cache: consuming UniqueCache<Int, Int>, _ number: Int) {
      var cache = cache
      for key in 1...3 { cache[key] = key }
      #expect(cache.count == 2 && cache.entryLimit == 2, "cache \(number)")
      #expect(cache.remainingTimeToLive(forKey: 3) == .seconds(5), "cache \(number)")
    }
    check(UniqueCache(byteLimit: 1 << 16, options: options), 0)
    check(UniqueCache(byteLimit: 1 << 16) { $0 = options }, 1)
    check(
      UniqueCache(byteLimit: 1 << 16, entryLimit: 2, timeToLive: .seconds(5)) {
        $0.clock = clock
      }, 2)
    check(
      UniqueCache(
        byteLimit: 1 << 16, entryLimit: 2, timeToLive: .seconds(5), heapByteCount: { _, _ in 0 },
        configure: { $0.clock = clock }), 3)
    let budget = MemoryBudget(byteLimit: 1 << 20)
    check(UniqueCache(named: "any", in: budget, options: options), 4)
    check(
      UniqueCache(
        named: "other", in: budget, timeToLive: .seconds(5), heapByteCount: { _, _ in 0 },
        configure: {
          $0.clock = clock
          $0.entryLimit = 2
        }), 5)
  }

  @Test("Closures among the options are called")
  func closures() {
    let removed = Locked<[Int]>([])
    let cache = Cache<Int, Int>(byteLimit: 1 << 16) {
      $0.clock = clock
      $0.entryTimeToLive = { _, value in .seconds(value) }
      $0.tags = { _, value in ["value-\(value)"] }
      $0.onRemoval = { key, _, cause in
        if cause == .explicit { removed.withLock { $0.append(key) } }
      }
    }
    cache[1] = 7
    #expect(cache.remainingTimeToLive(forKey: 1) == .seconds(7))
    #expect(cache.removeAll(tagged: "value-7") == 1)
    #expect(removed.withLock { $0 } == [1])
    var unique = UniqueCache<Int, Int>(byteLimit: 1 << 16) {
      $0.clock = clock
      $0.entryTimeToLive = { _, value in .seconds(value) }
      $0.onRemoval = { key, _, _ in removed.withLock { $0.append(key) } }
    }
    unique[2] = 9
    #expect(unique.remainingTimeToLive(forKey: 2) == .seconds(9))
    unique[2] = nil
    #expect(removed.withLock { $0 } == [1, 2])
  }

  @Test("Tags are equal by their bytes only where the options say so")
  func exactTags() {
    for isExact in [false, true] {
      let cache = Cache<Int, Int>(byteLimit: 1 << 16) { $0.hasExactTags = isExact }
      cache[1] = 1
      cache.setTags(["caf\u{E9}"], forKey: 1)
      #expect(cache.removeAll(tagged: "cafe\u{301}") == (isExact ? 0 : 1))
    }
  }

  /// The text of standard error of an exit test.
  private func text(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }

  @Test("An option that could not have an effect ends the process, and the message says which")
  func refused() async {
    let bounds = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Cache<Int, Int>(byteLimit: 1 << 16) { $0.minimumSize = .bytes(1) }
    }
    #expect(text(bounds).contains("minimumSize and maximumSize are for caches"))
    let most = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Cache<Int, Int>(
        byteLimit: 1 << 16, heapByteCount: { _, _ in 0 },
        configure: { $0.maximumSize = .percent(1) })
    }
    #expect(text(most).contains("minimumSize and maximumSize are for caches"))
    let times = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Cache<Int, Int>(byteLimit: 1 << 16, timeToLive: .seconds(1)) {
        $0.expiration.timeToLive = .seconds(2)
      }
    }
    #expect(text(times).contains("the time to live of a cache is given twice: 1.0 seconds"))
    let entries = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = UniqueCache<Int, Int>(byteLimit: 1 << 16, entryLimit: 1) { $0.entryLimit = 2 }
    }
    #expect(text(entries).contains("the entry limit of a cache is given twice: 1 by"))
    let thaw = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = UniqueCache<Int, Int>(byteLimit: 1 << 16) {
        $0.expiration.afterThaw = .revalidate(after: .seconds(60))
      }
    }
    #expect(text(thaw).contains("a cache with one owner loads nothing"))
    let window = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Cache<Int, Int>(byteLimit: 1 << 16) { $0.loading.staleIfError = .seconds(-1) }
    }
    #expect(text(window).contains("the time of staleIfError is negative"))
  }
}
