import LambdaCache
import Synchronization
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Look-ups of several threads at the same time", .timeLimit(.minutes(15)))
struct SharedReadTests {
  private static let size = 1_000

  private func makeCache(_ policy: EvictionPolicy = .adaptive) -> Cache<Int, Int> {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: Self.size, policy: policy)
    for key in 0..<Self.size { cache[key] = ~key }
    return cache
  }

  private func sharing<Key, Value>(of cache: Cache<Key, Value>) -> ReadSharing {
    cache.readSharing.load(ordering: .relaxed)
  }

  private func isShared<Key, Value>(_ cache: Cache<Key, Value>) -> Bool {
    sharing(of: cache) == .shared
  }

  @Test("They begin when look-ups have found the lock taken often, and not before")
  func begin() {
    let cache = makeCache()
    for key in 0..<Self.size { _ = cache[key] }
    #expect(sharing(of: cache) == .none)
    var rounds = 0
    while !isShared(cache), rounds < 500 {
      rounds += 1
      cache.lock.lock()
      let isAsking = Latch()
      let ended = Threads.start(1) { _ in
        isAsking.countDown()
        #expect(cache[7] == ~7)
      }
      #expect(isAsking.wait())
      usleep(50)
      cache.lock.unlock()
      #expect(ended.wait())
    }
    #expect(isShared(cache))
    #expect((16..<500).contains(rounds))
    #expect(cache[7] == ~7)
    #expect(cache.statistics.hits == Self.size + rounds + 1)
  }

  @Test("An exact cache, a small one, one that watches, and keys that compare themselves have none")
  func haveNone() {
    #expect(!makeCache(.leastRecentlyUsed).shareReads())
    #expect(!makeCache(.leastRecentlyUsed(watching: true)).shareReads())
    let small = Cache<Int, Int>(byteLimit: 32 << 10, policy: .adaptive)
    small[1] = 1
    #expect(!small.shareReads())
    let pairs = Cache<[Int], Int>(byteLimit: 1 << 20, policy: .adaptive)
    pairs[[1]] = 1
    #expect(!pairs.shareReads())
    let empty = Cache<Int, Int>(byteLimit: 1 << 20, policy: .adaptive)
    #expect(!empty.shareReads(), "there is no policy before the first entry")
    #expect(makeCache().shareReads())
  }

  @Test("They find what others find, count the same, and keep the entries that they used")
  func equal() {
    let (cache, other) = (makeCache(), makeCache())
    #expect(cache.shareReads())
    var random = SplitMix64(seed: 7)
    for _ in 0..<200 {
      for _ in 0..<500 {
        let key = Int.random(in: 0..<Self.size + 50, using: &random)
        #expect(cache[key] == other[key])
      }
      // One that is there is set again, so that both keep the same keys.
      let key = Int.random(in: 0..<Self.size, using: &random)
      cache[key] = ~key
      other[key] = ~key
      #expect(cache.statistics.hits == other.statistics.hits)
      #expect(cache.statistics.misses == other.statistics.misses)
    }
    #expect(cache.checkInvariants() == [])
    #expect(cache.hottest(.max).map(\.key).sorted() == Array(0..<Self.size))
  }

  @Test("A use is marked as under the lock")
  func marks() {
    let (shared, locked) = (Self.marks(isShared: true), Self.marks(isShared: false))
    #expect(shared == locked)
    #expect(Set(shared.map(\.bits)).count > 4, "there are entries of several kinds")
  }

  /// The marks of an engine into which entries come and are used many times.
  private static func marks(isShared: Bool) -> [EntryMark] {
    var core = CacheCore<Int, Int>(
      limits: CacheLimits(byteLimit: 1 << 20, entryLimit: size, entryByteLimit: .max),
      expiration: Expiration(), isObserved: false, injectedOrigin: nil, policy: .adaptive)
    let lock = CacheLock()
    let bytes = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    func hash(_ key: Int) -> UInt32 { UInt32(key) &* 0x9E37_79B1 }
    var removedEntries = RemovedEntries<Int, Int>()
    for key in 1...size + 200 {
      _ = core.setValue(
        key, forKey: key, hash: hash(key), heapByteCount: 0, timeToLive: nil,
        removedEntries: &removedEntries)
      for used in stride(from: 1, through: key, by: 1 + key % 17) {
        var slot: Slot = 0
        if isShared, let policy = core.policy, policy.pointee.openReaderPlaces(),
          let place = policy.pointee.readerPlaces?.enter(lock)
        {
          slot = core.accessShared(used, hash: hash(used), bytes: bytes, from: place)
          place.leave()
        }
        // Where there is no room for a note, the look-up is under the lock.
        if slot == 0 {
          core.takeInSharedReads()
          _ = core.accessByPolicy(used, hash: hash(used), bytes: bytes)
        }
      }
      core.takeInSharedReads()
    }
    return (1...size).compactMap { core.policy?.pointee.marks[$0] }
  }

  @Test("Notes of keys are dropped that are not in the sample any more when they are taken in")
  func outgrownSample() {
    // Half of the entries came before there were shadows, which get full by their look-ups.
    for count in stride(from: 1_500, to: 2_500, by: 50) {
      let cache = Cache<Int, Int>(byteLimit: 4 << 20, entryLimit: count, policy: .adaptive)
      for key in 0...count { cache[key] = key }
      #expect(cache.shareReads())
      for key in 0...count { _ = cache[key] }
      #expect(cache.checkInvariants() == [])
    }
  }

  @Test("They pause when writes are frequent, and begin again when they are not")
  func pause() {
    let cache = makeCache()
    #expect(cache.shareReads())
    for key in 0..<40 { _ = cache[key] }
    cache[1] = ~1
    #expect(isShared(cache), "there were forty hits before the write")
    cache[1] = ~1
    #expect(!isShared(cache))
    for key in 0..<511 { _ = cache[key] }
    #expect(!isShared(cache))
    _ = cache[511]
    #expect(isShared(cache))
    #expect(cache.statistics.hits == 40 + 512)
  }

  @Test("They end while the mode is that of the least recently used entry")
  func mode() {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 2_000, policy: .adaptive)
    cache[0] = 0
    #expect(cache.shareReads())
    for step in 0..<60_000 {
      for key in [step, max(0, step - 700)] where cache[key] == nil { cache[key] = key }
    }
    #expect(cache.statistics.policyMode == "lru")
    for key in 0..<2_000 { _ = cache[59_999 - key] }
    #expect(sharing(of: cache) == .suspended)
    #expect(cache.checkInvariants() == [])
  }

  @Test("Strings are found, those that are equal in other bytes too")
  func strings() {
    let cache = Cache<String, Int>(byteLimit: 1 << 20, policy: .adaptive)
    let keys = (0..<500).map { "a rather long key, number \($0)" } + ["", "caf\u{e9}", "k"]
    for (number, key) in keys.enumerated() { cache[key] = number }
    #expect(cache.shareReads())
    for (number, key) in keys.enumerated() { #expect(cache[key] == number) }
    #expect(cache["cafe\u{301}"] == 501)
    #expect(cache["another"] == nil)
    #expect(cache.statistics.hits == keys.count + 1)
    #expect(cache.statistics.misses == 1)
  }

  @Test("An entry whose time has passed is not found")
  func timeToLive() throws {
    let cache = Cache<Int, Int>(
      byteLimit: 1 << 20, timeToLive: .milliseconds(60), policy: .adaptive)
    let start = ContinuousClock.now
    for key in 0..<100 { cache[key] = ~key }
    #expect(cache.shareReads())
    var hits = 0
    while ContinuousClock.now - start < .milliseconds(40) {
      let value = cache[hits % 100]
      guard ContinuousClock.now - start < .milliseconds(60) else { break }
      try #require(value == ~(hits % 100))
      hits += 1
    }
    usleep(120_000)
    for key in 0..<100 { #expect(cache[key] == nil) }
    #expect(cache.statistics.hits >= hits)
  }

  @Test("Threads that read, write and remove see whole values, and every look-up counts once")
  func stress() {
    let cache = Cache<Int, [Int]>(
      byteLimit: 1 << 20, entryLimit: 300, timeToLive: .seconds(60), policy: .adaptive,
      heapByteCount: { $1.count * 8 })
    cache[0] = [0, 0, 0]
    #expect(cache.shareReads())
    let rounds = 60_000
    let faults = Locked<[String]>([])
    let lookUps = Locked(0)
    let ended = Threads.run(4) { thread in
      var random = SplitMix64(seed: UInt64(thread))
      var own = 0
      // Long stretches of look-ups, and others with many writes.
      for round in 0..<rounds {
        let key = Int.random(in: 0..<400, using: &random)
        let isBusy = round / 5_000 % 2 == 0
        switch Int.random(in: 0..<(isBusy ? 10 : 400), using: &random) {
        case 0: cache[key] = [Int](repeating: key, count: key % 7 + 1)
        case 1: cache[key] = nil
        default:
          own += 1
          guard let value = cache.value(forKey: key) else { continue }
          if value != [Int](repeating: key, count: key % 7 + 1), key != 0 {
            faults.withLock { $0.append("\(key) has \(value)") }
          }
        }
        if round % 20_000 == 7, thread == 0 { cache.removeAll() }
      }
      let count = own
      lookUps.withLock { $0 += count }
    }
    #expect(ended, "a thread was not let through")
    #expect(faults.withLock { $0 } == [])
    let statistics = cache.statistics
    #expect(statistics.hits + statistics.misses == lookUps.withLock { $0 })
    #expect(statistics.hits > rounds)
    #expect(cache.checkInvariants() == [])
    let audit = cache.auditByteCount()
    #expect(audit.ledgerByteCount == audit.recomputedByteCount)
  }
}
