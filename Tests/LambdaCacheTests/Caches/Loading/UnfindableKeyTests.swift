import LambdaCache
import TestSupport
import Testing

/// A key that can be changed while a cache has it, and counts how often it is compared.
final class ChangingKey: Hashable, @unchecked Sendable {
  /// Changed only while no other thread reads it.
  var number: Double

  init(_ number: Double) { self.number = number }

  static func == (first: ChangingKey, second: ChangingKey) -> Bool { first.number == second.number }

  func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

/// A key that counts its comparisons, and may be equal to nothing.
private struct CountedKey: Hashable, Sendable {
  let number: Double
  let comparisons: Locked<Int>

  static func == (first: CountedKey, second: CountedKey) -> Bool {
    first.comparisons.withLock { $0 += 1 }
    return first.number == second.number
  }

  func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

@Suite("An unfindable key", .timeLimit(.minutes(10)))
struct UnfindableKeyTests {
  private struct Failure: ClassifiedError { var loadErrorClass: LoadErrorClass }
  private struct Rejected: Error {}

  @Test("An unfindable key leaves nothing of its loads, however they end")
  func notEqualToItself() async throws {
    var loading = LoadPolicy(negativeTimeToLive: .seconds(60))
    loading.transientBackOff = .constant(.seconds(60))
    let cache = Cache<Double, Int>(byteLimit: 1 << 20) {
      $0.loading = loading
      $0.tags = { _, _ in ["tag"] }
    }
    for kind in [nil] + LoadErrorClass.allCases.map(Optional.some) {
      for number in 0..<50 {
        let value = try? await cache.value(forKey: .nan) { _ in
          if number % 2 == 0 { await Task.yield() }
          if let kind { throw Failure(loadErrorClass: kind) }
          return number
        }
        #expect(value == (kind == nil ? number : nil))
      }
    }
    #expect(try await cache.optionalValue(forKey: .nan) { _ in nil } == nil)
    #expect(try await cache.values(forKeys: [.nan, 1, .nan]) { _ in [1: 1] } == [1: 1])
    #expect(cache.loadsUnderWay == 0)
    #expect(cache.count == 1)
    #expect(cache.statistics.loadSuccesses == 51)
    cache.removeAll()
    #expect(cache.byteCount == 0)
    #expect(cache.checkInvariants() == [])
  }

  @Test("An unfindable key is loaded by each caller, whose cancellation ends its load")
  func cancelled() async throws {
    let cache = Cache<Double, Int>(byteLimit: 1 << 20)
    let loads = GatedLoads<Double, Int>()
    let stage = Stage()
    let tasks = try await stage.ask(cache, for: .nan, times: 20, orLoad: loads.load)
    try await eventually("all loads begin") { loads.count == 20 }
    for task in tasks.dropFirst() { task.cancel() }
    for task in tasks.dropFirst() { #expect(try await task.isCancelledAnswer()) }
    for place in 0..<20 { loads[place].gate.open(returning: place) }
    let answer = try await tasks[0].answer()
    #expect((0..<20).contains(answer))
    try await eventually("all loads end") { cache.statistics.loadSuccesses == 20 }
    #expect(cache.loadsUnderWay == 0)
    #expect(cache.isEmpty)
  }

  @Test("An unfindable key is compared a few times for each load, not with each former one")
  func comparisons() async throws {
    let comparisons = Locked(0)
    let cache = Cache<CountedKey, Int>(byteLimit: 1 << 20, heapByteCount: { _, _ in 8 })
    let key = CountedKey(number: .nan, comparisons: comparisons)
    for number in 0..<1_000 {
      #expect(try await cache.value(forKey: key) { _ in number } == number)
    }
    #expect(comparisons.withLock { $0 } <= 10_000)
    // Keys of one hash at the same time are distinguished by identity.
    let one = CountedKey(number: 1, comparisons: comparisons)
    #expect(try await cache.value(forKey: one) { _ in 1 } == 1)
    #expect(cache[one] == 1)
  }

  @Test("An unfindable key is forgotten by those that have used its value")
  func uses() async throws {
    let cache = Cache<Double, Int>(byteLimit: 1 << 20)
    for number in 0..<100 {
      let result = try await cache.invalidateAndRetryOnce(
        forKey: .nan, if: { $0 is Rejected }, orLoad: { _ in number },
        { $0 })
      #expect(result == number)
    }
    await #expect(throws: Rejected.self) {
      try await cache.invalidateAndRetryOnce(
        forKey: .nan, if: { $0 is Rejected }, orLoad: { _ in 1 }, { _ in throw Rejected() })
    }
    #expect(cache.usedKeyCount == 0)
    #expect(cache.loadsUnderWay == 0)
  }

  @Test("An unfindable key counts and goes like any other entry if it is set")
  func entries() {
    let clock = ManualClock()
    let cache = Cache<Double, Int>(byteLimit: 1 << 20, entryLimit: 100, timeToLive: .seconds(10)) {
      $0.clock = clock
    }
    for number in 0..<1_000 { #expect(cache.setValue(number, forKey: .nan) == .inserted) }
    #expect(cache.count == 100)
    #expect(cache.statistics.evictions == 900)
    #expect(cache.checkInvariants() == [])
    #expect(cache[.nan] == nil)
    clock.advance(by: .seconds(11))
    for key in 0..<100 { cache[Double(key)] = key }
    #expect((0..<100).allSatisfy { cache[Double($0)] == $0 })
    #expect(cache.count == 100)
    cache.setValue(1, forKey: .nan)
    cache.removeAll()
    #expect(cache.byteCount == 0)
    #expect(cache.checkInvariants() == [])
  }

  @Test(
    "An unfindable key is reached by removals by a condition, by its tag or by a rule",
    arguments: 0..<4)
  func removed(way: Int) {
    let clock = ManualClock()
    let cache = Cache<Double, String>(byteLimit: 1 << 20, timeToLive: .seconds(10)) {
      $0.loading.staleWhileRevalidate = .seconds(100)
      $0.clock = clock
      $0.tags = { _, value in [value] }
    }
    for number in 0..<600 {
      #expect(cache.setValue(number % 2 == 0 ? "even" : "odd", forKey: .nan) == .inserted)
      cache[Double(number)] = number % 2 == 0 ? "even" : "odd"
    }
    #expect(cache.statistics.rejections == 0)
    if way == 1 { clock.advance(by: .seconds(20)) }
    switch way {
    case 0, 1: cache.removeAll { _, value in value == "even" }
    case 2: #expect(cache.removeAll(tagged: "even") == 600)
    default: cache.removeAll(whereKey: \.isNaN)
    }
    #expect(cache.count == 600)
    let rest = cache.ringEntries
    #expect(rest.allSatisfy { way == 3 ? !$0.key.isNaN : $0.value == "odd" })
    #expect(cache.removeAll(tagged: "odd") == (way == 1 ? 0 : way == 3 ? 300 : 600))
    #expect(cache.checkInvariants() == [])
  }

  @Test("A key that was changed while the cache had it is reached as well")
  func removedThoughChanged() {
    let cache = Cache<ChangingKey, Int>(byteLimit: 1 << 20, heapByteCount: { _, _ in 8 })
    let keys = (0..<100).map { ChangingKey(Double($0)) }
    for (number, key) in keys.enumerated() { cache[key] = number }
    for key in keys.prefix(50) { key.number += 1_000 }
    cache.removeAll { _, value in value % 5 != 0 }
    #expect(Set(cache.ringEntries.map(\.value)) == Set((0..<20).map { $0 * 5 }))
    for key in keys { key.number = .nan }
    cache.removeAll { _, value in value != 95 }
    #expect(cache.ringEntries.map(\.value) == [95])
    cache.removeAll(whereKey: { _ in true })
    #expect(cache.isEmpty)
  }

  @Test("An unfindable key is removed only if it is still there, and is looked at before it is")
  func replacedMeanwhile() {
    let cache = Cache<Double, Int>(byteLimit: 1 << 20, entryLimit: 3)
    for number in 0..<3 { cache[.nan] = number }
    var seen: [Int] = []
    cache.removeAll { _, value in
      seen.append(value)
      // The coldest leaves for it.
      if seen.count == 1 { cache[.nan] = 3 }
      return value == 0 || value == 3
    }
    #expect(Set(cache.ringEntries.map(\.value)) == [1, 2])
    #expect(seen.filter { $0 == 3 }.count == 1 && cache.checkInvariants() == [])
  }

  @Test("A key that was changed during its load gets its value, of which nothing stays")
  func changedWhileLoading() async throws {
    var loading = LoadPolicy(negativeTimeToLive: .seconds(60))
    loading.transientBackOff = .constant(.seconds(60))
    let cache = Cache<ChangingKey, Int>(
      byteLimit: 1 << 20, heapByteCount: { _, _ in 8 }, configure: { $0.loading = loading })
    for number in [2, .nan] as [Double] {
      for kind in [nil, .notFound, .transient] as [LoadErrorClass?] {
        let key = ChangingKey(1)
        let value = try? await cache.value(forKey: key) { key in
          key.number = number
          if let kind { throw Failure(loadErrorClass: kind) }
          return 5
        }
        #expect(value == (kind == nil ? 5 : nil))
        #expect(cache.loadsUnderWay == 0)
        #expect(cache.isEmpty)
        #expect(cache.byteCount == 0)
      }
    }
    #expect(cache.checkInvariants() == [])
    #expect(try await cache.value(forKey: ChangingKey(1)) { _ in 6 } == 6)
    #expect(cache[ChangingKey(1)] == 6)
    #expect(cache[ChangingKey(2)] == nil)
  }

  @Test("A key that was changed during its use is forgotten when the use is over")
  func changedInUse() async throws {
    let cache = Cache<ChangingKey, Int>(byteLimit: 1 << 20, heapByteCount: { _, _ in 8 })
    for _ in 0..<10 {
      let key = ChangingKey(1)
      _ = try await cache.invalidateAndRetryOnce(
        forKey: key, if: { _ in false }, orLoad: { _ in 1 },
        { value in
          key.number = .nan
          return value
        })
      cache.removeAll()
    }
    #expect(cache.usedKeyCount == 0)
  }

  @Test("A key that was changed before its refresh is not refreshed, and keeps no other from it")
  func changedBeforeRefresh() async throws {
    let clock = ManualClock()
    let cache = Cache<ChangingKey, Int>(
      byteLimit: 1 << 20, timeToLive: .seconds(10), heapByteCount: { _, _ in 8 },
      configure: {
        $0.loading.staleWhileRevalidate = .seconds(100)
        $0.clock = clock
      })
    let loads = Locked(0)
    for number in [2, .nan] as [Double] {
      cache.setValue(1, forKey: ChangingKey(1))
      clock.advance(by: .seconds(20))
      let scope = InvocationScope()
      let key = ChangingKey(1)
      try await inside(scope) { () async throws in
        let value = try await cache.value(forKey: key) { _ in
          loads.withLock { $0 += 1 }
          return 2
        }
        #expect(value == 1)
      }
      #expect(cache.pendingRefreshCount == 1)
      key.number = number
      await scope.finish()
      #expect(cache.pendingRefreshCount == 0)
      cache.removeAll()
    }
    #expect(loads.withLock { $0 } == 0)
  }
}
