import LambdaCache
import TestSupport
import Testing

/// Operations in any order on a cache with a log, and what the log has to say of them.
@Suite("A request log under random operations")
struct RequestLogFuzzTests {
  @Test(
    "A request log has every look-up of its keys in order, with the outcome that the caller saw",
    arguments: 0..<40)
  func look(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let percent: Double = random.pick([100, 30, 5])
    let captured = CapturedLog()
    let log = captured.log(percent: percent)
    let hash = KeyedHash(secret: "a secret of sixteen")
    let clock = random.oneIn(2) ? ManualClock() : nil
    let budget = MemoryBudget(byteLimit: random.pick([4 << 10, 64 << 10]))
    let cache = Cache<Int, Int>(in: budget, requestLog: log) {
      $0.clock = clock
      $0.expiration.timeToLive = clock == nil ? nil : .milliseconds(50)
    }
    var expected: [(key: UInt64, isHit: Bool)] = []
    for _ in 0..<1500 {
      let key = random.number(0...200)
      var isHit: Bool?
      switch random.number(0...9) {
      case 0: cache.setValue(key, forKey: key)
      case 1: cache.removeValue(forKey: key)
      case 2:
        var wasInserted = false
        _ = cache.value(
          forKey: key,
          orInsert: {
            wasInserted = true
            return key
          })
        isHit = !wasInserted
      case 3: cache.updateValue(forKey: key) { $0 = key }
      case 4:
        clock?.advance(by: .milliseconds(3))
        if random.oneIn(4) { log.invocationDidEnd(isAnyOpen: false) }
      default: isHit = cache.value(forKey: key) != nil
      }
      let hashed = hash.hash(ofKey: key)
      if let isHit, hashed >> 40 < UInt64((percent / 100 * 0x1p24).rounded(.up)) {
        expected.append((hashed, isHit))
      }
    }
    log.invocationDidEnd(isAnyOpen: false)
    let lookUps = captured.lookUps
    #expect(lookUps.count == expected.count, "seed \(seed)")
    for (lookUp, (key, isHit)) in zip(lookUps, expected) {
      #expect(UInt64(lookUp["k"] ?? "", radix: 16) == key, "seed \(seed)")
      #expect(lookUp["h"] == (isHit ? "1" : "0"), "seed \(seed)")
    }
  }

  @Test("Threads that look up at once lose nothing that the log does not count")
  func threads() async {
    let captured = CapturedLog()
    let log = captured.log()
    let cache = Cache<Int, Int>(in: MemoryBudget(byteLimit: 1 << 20), requestLog: log)
    for key in 0..<100 { cache.setValue(key, forKey: key) }
    await withTaskGroup { group in
      for task in 0..<4 {
        group.addTask {
          for step in 0..<5000 { _ = cache.value(forKey: (task * 31 + step) % 150) }
        }
      }
    }
    log.invocationDidEnd(isAnyOpen: false)
    let lost = captured.lines.compactMap { line in
      line.firstRange(of: #""dropped":"#).flatMap {
        Int(line[$0.upperBound...].prefix { $0.isNumber })
      }
    }.reduce(0, +)
    #expect(captured.lookUps.count + lost == 20_000)
    #expect(captured.lookUps.allSatisfy { $0["k"]?.count == 16 && $0["e"] == "0123456789ab" })
  }
}
