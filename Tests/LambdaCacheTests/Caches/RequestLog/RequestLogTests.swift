import LambdaCache
import Testing

@Suite("The request log of a cache")
struct RequestLogTests {
  private let captured = CapturedLog()
  private let budget = MemoryBudget(byteLimit: 1 << 20)
  private let hash = KeyedHash(secret: "a secret of sixteen")

  private func hex(_ key: some Hashable) -> String {
    let digits = String(hash.hash(ofKey: key), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  @Test("A look-up is a line with time, cache, hash, bytes, outcome and environment")
  func format() {
    let log = captured.log()
    let cache = Cache<String, String>(in: budget, requestLog: log)
    let value = String(repeating: "v", count: 100)
    _ = cache.value(forKey: "ada")
    cache.setValue(value, forKey: "ada")
    captured.advance(by: 5)
    _ = cache.value(forKey: "ada")
    #expect(captured.text.isEmpty)
    log.invocationDidEnd(isAnyOpen: false)
    let end = #","e":"0123456789ab"}"#
    let bytes = (value.heapByteCount + 15) / 16 * 16
    #expect(
      captured.lines == [
        #"{"t":1700000000000,"c":"users","k":"\#(hex("ada"))","b":\#(value.heapByteCount),"h":0"#
          + end,
        #"{"t":1700000000005,"c":"users","k":"\#(hex("ada"))","b":\#(bytes),"h":1"# + end,
      ])
    #expect(!captured.text.contains("ada"))
  }

  /// 128 MiB, of which 10 were in use.
  private static func terms() throws -> MemoryTerms {
    try MemoryTerms(
      environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128"],
      process: ProcessMemory(residentByteCount: 10 << 20, containerLimit: nil))
  }

  private static let memoryLine =
    #"{"t":1700000000000,"c":"users","m":134217728,"u":10485760,"e":"0123456789ab"}"#

  @Test("The first line says what memory there is and was in use, and no other does")
  func memory() throws {
    let log = captured.log(memory: try Self.terms())
    log.invocationDidEnd(isAnyOpen: false)
    #expect(captured.text.isEmpty)
    for _ in 0..<3 {
      log.noteLookUp(of: 1, byteCount: 0)
      log.invocationDidEnd(isAnyOpen: false)
    }
    #expect(captured.lines.first == Self.memoryLine)
    #expect(captured.lines.count == 4)
    #expect(captured.lines.count { $0.contains(#""u":"#) } == 1)
  }

  @Test("A line about memory that is not taken, or in part, is still written once")
  func memoryIsTaken() throws {
    let log = captured.log(memory: try Self.terms())
    captured.allow(0)
    log.noteLookUp(of: 1, byteCount: 0)
    log.invocationDidEnd(isAnyOpen: false)
    captured.allow(20)
    log.noteLookUp(of: 1, byteCount: 0)
    log.invocationDidEnd(isAnyOpen: false)
    captured.allow(nil)
    log.noteLookUp(of: 1, byteCount: 0)
    log.invocationDidEnd(isAnyOpen: false)
    #expect(captured.lines.first == Self.memoryLine)
    #expect(captured.lines.count { $0.contains(#""u":"#) } == 1)
    #expect(captured.lines.count { $0.contains(#""dropped":1,"#) } == 1)
    #expect(captured.lines.count == 4)
  }

  @Test("The name of a cache is escaped in its log, and cut")
  func names() {
    let log = captured.log(
      percent: 100, cacheName: "a\"b\\c\n" + String(repeating: "x", count: 500))
    let cache = Cache<Int, Int>(in: budget, requestLog: log)
    _ = cache.value(forKey: 1)
    log.invocationDidEnd(isAnyOpen: false)
    #expect(captured.text.contains(#""c":"a\"b\\c\u000axxx"#))
    #expect(captured.text.utf8.count < 300)
  }

  @Test("A log of a part says which, and has every look-up of a key or none")
  func part() {
    let log = captured.log(percent: 10)
    let cache = Cache<Int, Int>(in: budget, requestLog: log)
    for round in 0..<3 {
      for key in 0..<2000 {
        if cache.value(forKey: key) == nil { cache.setValue(round, forKey: key) }
      }
      log.invocationDidEnd(isAnyOpen: false)
    }
    var counts: [String: Int] = [:]
    for lookUp in captured.lookUps {
      counts[lookUp["k"] ?? "", default: 0] += 1
      #expect(lookUp["r"] == "0.1")
    }
    #expect(counts.values.allSatisfy { $0 == 3 })
    #expect((120...280).contains(counts.count))
    #expect(captured.lookUps.filter { $0["h"] == "0" }.count == counts.count)
    let sampled = (0..<2000).filter { hash.hash(ofKey: $0) >> 40 < UInt64(0.1 * 0x1p24) }
    #expect(Set(counts.keys) == Set(sampled.map { hex($0) }))
  }

  @Test("Without a secret for all environments a log has hashes of its own")
  func ownSecret() {
    for _ in 0..<2 {
      let log = captured.log(secret: nil)
      let cache = Cache<Int, Int>(in: budget, requestLog: log)
      _ = cache.value(forKey: 1)
      log.invocationDidEnd(isAnyOpen: false)
    }
    let lines = captured.lookUps
    #expect(lines.count == 2 && lines.allSatisfy { $0["k"] == nil })
    #expect(lines[0]["o"] != lines[1]["o"])
  }

  @Test("A load's time and bytes are in the line of each look-up that missed for it")
  func loads() async throws {
    let log = captured.log()
    let cache = Cache<Int, String>(in: budget, requestLog: log)
    _ = try await cache.value(forKey: 1) { _ in
      try await Task.sleep(for: .milliseconds(3))
      return String(repeating: "v", count: 100)
    }
    _ = try await cache.value(forKey: 1) { _ in "" }
    _ = try? await cache.value(forKey: 2) { _ in throw CancellationError() }
    log.invocationDidEnd(isAnyOpen: false)
    let lookUps = captured.lookUps
    #expect(lookUps.map { $0["h"] } == ["0", "1", "0"])
    #expect(lookUps[0]["b"] != nil && (Double(lookUps[0]["l"] ?? "") ?? 0) >= 3)
    #expect(lookUps[1]["l"] == nil)
    #expect(lookUps[2]["b"] == nil && lookUps[2]["l"] == nil)
  }

  @Test("A cache that serves expired values logs its look-ups, too, each once")
  func staleValues() async throws {
    let log = captured.log()
    let clock = ManualClock()
    let cache = Cache<Int, Int>(in: budget, requestLog: log) {
      $0.clock = clock
      $0.expiration.timeToLive = .seconds(10)
      $0.loading.staleWhileRevalidate = .seconds(10)
      $0.loading.staleIfError = .seconds(100)
    }
    _ = try await cache.value(forKey: 1) { $0 }
    _ = try await cache.value(forKey: 1) { $0 }
    clock.advance(by: .seconds(15))
    _ = try await cache.value(forKey: 1) { $0 }
    _ = cache.freshOrStaleValue(forKey: 1)
    _ = try await cache.values(forKeys: [1, 3]) { keys in
      Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) })
    }
    _ = cache.value(forKey: 3)
    _ = cache.peekValue(forKey: 3)
    _ = cache.contains(3)
    log.invocationDidEnd(isAnyOpen: false)
    let outcomes = captured.lookUps.map { $0["h"] }
    #expect(outcomes.count == 7)
    #expect(outcomes[0...3] == ["0", "1", "1", "1"] && outcomes[5...6] == ["0", "1"])
  }

  @Test("A log that is full is written at once, in pieces of whole lines, without waiting")
  func full() {
    let log = captured.log()
    let cache = Cache<Int, Int>(in: budget, requestLog: log)
    cache.setValue(1, forKey: 1)
    for _ in 0..<RequestLog.capacity { _ = cache.value(forKey: 1) }
    #expect(captured.lines.count == RequestLog.capacity)
    #expect(captured.pieces.count > 1)
    #expect(captured.pieces.allSatisfy { $0 <= LogStream.pieceByteCount })
    #expect(captured.waits.allSatisfy { $0 == 0 })
    #expect(captured.lines.allSatisfy { $0.hasPrefix("{\"t\":") && $0.hasSuffix("\"}") })
  }

  @Test("A log is written after a minute although no invocation ends")
  func old() {
    let log = captured.log()
    let cache = Cache<Int, Int>(in: budget, requestLog: log)
    cache.setValue(1, forKey: 1)
    _ = cache.value(forKey: 1)
    captured.advance(by: 59_999)
    _ = cache.value(forKey: 1)
    #expect(captured.lines.isEmpty)
    captured.advance(by: 1)
    _ = cache.value(forKey: 1)
    #expect(captured.lines.count == 3)
  }

  @Test("A miss waits for its value while an invocation goes on, and is written when none does")
  func pending() {
    let log = captured.log()
    let cache = Cache<Int, Int>(in: budget, requestLog: log)
    _ = cache.value(forKey: 1)
    _ = cache.value(forKey: 2)
    log.invocationDidEnd(isAnyOpen: true)
    #expect(captured.lines.isEmpty)
    cache.setValue(1, forKey: 1)
    log.invocationDidEnd(isAnyOpen: true)
    #expect(captured.lookUps.map { $0["b"] } == ["0"])
    log.invocationDidEnd(isAnyOpen: false)
    #expect(captured.lookUps.map { $0["b"] } == ["0", nil])
  }

  @Test("Look-ups that the output does not take are counted, and the log says how many")
  func dropped() {
    let log = captured.log()
    let cache = Cache<Int, Int>(in: budget, requestLog: log)
    cache.setValue(1, forKey: 1)
    captured.allow(0)
    for _ in 0..<3 { _ = cache.value(forKey: 1) }
    log.invocationDidEnd(isAnyOpen: false)
    log.invocationDidEnd(isAnyOpen: false)
    captured.allow(nil)
    _ = cache.value(forKey: 1)
    log.invocationDidEnd(isAnyOpen: false)
    _ = cache.value(forKey: 1)
    log.invocationDidEnd(isAnyOpen: false)
    #expect(captured.lines.count == 3)
    #expect(captured.lines[0].contains(#","dropped":3,"#))
    #expect(captured.lookUps.count == 2)
  }

  @Test("A line that was taken in part is completed before any other is begun")
  func cut() {
    let log = captured.log()
    let cache = Cache<Int, Int>(in: budget, requestLog: log)
    cache.setValue(1, forKey: 1)
    captured.allow(150)
    for _ in 0..<2 { _ = cache.value(forKey: 1) }
    log.invocationDidEnd(isAnyOpen: false)
    captured.allow(5)
    _ = cache.value(forKey: 1)
    log.invocationDidEnd(isAnyOpen: false)
    captured.allow(nil)
    _ = cache.value(forKey: 1)
    log.invocationDidEnd(isAnyOpen: false)
    #expect(captured.lookUps.count == 3)
    #expect(captured.lines.allSatisfy { $0.hasPrefix("{\"t\":") && $0.hasSuffix("\"}") })
    #expect(captured.lines.filter { $0.contains(#""dropped":1,"#) }.count == 1)
  }

  @Test("A log without room loses look-ups and not its bounds")
  func bounded() {
    let log = captured.log()
    let cache = Cache<Int, Int>(in: budget, requestLog: log)
    cache.setValue(1, forKey: 1)
    captured.allow(0)
    for _ in 0..<10_000 { _ = cache.value(forKey: 1) }
    captured.allow(nil)
    log.invocationDidEnd(isAnyOpen: false)
    let lost = captured.lines.compactMap { line in
      line.firstRange(of: #""dropped":"#).flatMap {
        Int(line[$0.upperBound...].prefix { $0.isNumber })
      }
    }.reduce(0, +)
    #expect(lost + captured.lookUps.count == 10_000)
    #expect(captured.lookUps.count <= RequestLog.capacity)
  }

  @Test("A log is written when its cache is gone")
  func end() {
    do {
      let cache = Cache<Int, Int>(in: budget, requestLog: captured.log())
      _ = cache.value(forKey: 1)
    }
    #expect(captured.lines.count == 1)
  }
}
