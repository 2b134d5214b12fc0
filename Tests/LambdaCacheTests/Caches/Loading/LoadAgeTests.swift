import LambdaCache
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("A value that was loaded", .prompt, .timeLimit(.minutes(10)))
struct LoadAgeTests {
  private typealias Core = CacheCore<Int, Int>

  private func core(_ expiration: Expiration) -> Core {
    Core(
      limits: CacheLimits(byteLimit: 1 << 16, entryLimit: nil, entryByteLimit: nil),
      expiration: expiration, isObserved: false, injectedOrigin: .zero)
  }

  /// The tick of a load that begins at some time and ends at another.
  ///
  /// - Parameter looks: When the clock is looked at meanwhile.
  private func load(
    _ core: inout Core, begins: Duration, looks: [Duration] = [], ends: Duration
  ) -> Tick {
    core.time.note(begins)
    let began = core.time.now()
    for look in looks { core.time.note(look) }
    core.time.note(ends)
    return began
  }

  @Test(
    "A value is as old as its load if the clock was not read for a second or more of it",
    arguments: [1_000, 1_001, 5_000, 59_999])
  func longLoad(milliseconds: Int) {
    var core = core(Expiration(timeToLive: .seconds(60)))
    let length = Duration.milliseconds(milliseconds)
    let began = load(&core, begins: .seconds(7), ends: .seconds(7) + length)
    let left = core.timeLeft(of: nil, since: began)
    #expect(left == .seconds(60) - length)
    let leftOfCall = core.timeLeft(of: .seconds(90), since: began)
    #expect(leftOfCall == .seconds(90) - length)
    let leftOfLess = core.timeLeft(of: .milliseconds(500), since: began)
    #expect(leftOfLess == .zero)
  }

  @Test(
    "A value from a load of less than a second lives as long as it was set to",
    arguments: [0, 1, 999])
  func shortLoad(milliseconds: Int) {
    var core = core(Expiration(timeToLive: .milliseconds(500)))
    let began = load(
      &core, begins: .seconds(7), ends: .seconds(7) + .milliseconds(milliseconds))
    let left = core.timeLeft(of: nil, since: began)
    #expect(left == nil, "the cache's own")
    let leftOfCall = core.timeLeft(of: .seconds(3), since: began)
    #expect(leftOfCall == .seconds(3))
  }

  @Test("A value from a long load lives its full time if the cache was in use all the while")
  func busyMeanwhile() {
    var core = core(Expiration(timeToLive: .seconds(60)))
    let looks = (1...29).map { Duration.milliseconds($0 * 900) }
    let began = load(&core, begins: .zero, looks: looks, ends: .seconds(27))
    let left = core.timeLeft(of: .seconds(60), since: began)
    #expect(left == .seconds(60))
  }

  @Test(
    "A value whose load contained a thaw counts as from before the thaw", arguments: [true, false])
  func thaw(isBackdated: Bool) {
    var core = core(Expiration(timeToLive: .seconds(600), afterThaw: .drop(after: .seconds(10))))
    let began = load(&core, begins: .seconds(5), ends: .seconds(65))
    var removedEntries = RemovedEntries<Int, Int>()
    _ = core.setValue(
      1, forKey: 1, hash: 1, heapByteCount: 0, timeToLive: nil, removedEntries: &removedEntries)
    if isBackdated { core.backdate(1, hash: 1, to: began) }
    #expect((core.peek(1, hash: 1, reading: nil).freshSlot == 0) == isBackdated)
  }

  @Test("A value lives for ever where nothing expires, however long its load took")
  func forEver() {
    var core = core(Expiration())
    let began = load(&core, begins: .zero, ends: .seconds(1 << 30))
    let left = core.timeLeft(of: nil, since: began)
    #expect(left == nil)
  }

  @Test("A value is as old as its load if the process stood still, by every way to load")
  func stopped() async {
    await #expect(processExitsWith: .success) {
      let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(600)) {
        $0.expiration.recordsAge = true
      }
      @Sendable func standStill() { usleep(1_200_000) }
      _ = try await cache.value(forKey: 1) { key in
        standStill()
        return key
      }
      _ = try await cache.values(forKeys: [2]) { _ in
        standStill()
        return [2: 2]
      }
      for key in [1, 2] {
        // However slow this machine is, no more is left than that.
        guard let left = cache.remainingTimeToLive(forKey: key), left < .milliseconds(598_900),
          let age = cache.age(forKey: key), age > .milliseconds(1_100)
        else { fatalError("\(key) counts as new") }
      }
    }
  }
}
