import LambdaCache
import Testing

@Suite("A value that is not stored")
struct RejectionTests {
  /// The lines that are logged while an operation runs.
  private func lines(_ body: () -> Void) -> [String] {
    let lines = Locked<[String]>([])
    Log.$sink.withValue({ line in lines.withLock { $0.append(line) } }, operation: body)
    return lines.withLock { $0 }
  }

  @Test("A value that is not stored is counted by its reason")
  func reasons() {
    let cache = Cache<Int, [UInt8]>(byteLimit: 64 << 10) { $0.entryByteLimit = 8 << 10 }
    cache[1] = [UInt8](repeating: 0, count: 9 << 10)
    cache.entryByteLimit = nil
    cache[1] = [UInt8](repeating: 0, count: 65 << 10)
    cache.setValue([], forKey: 1, timeToLive: .zero)
    let before = cache.statistics
    #expect(before.rejections == 3)
    #expect(before.rejectionsForSize == 2)
    #expect(before.rejectionsForTimeToLive == 1)
    #expect(before.rejectionsForMemory == 0)
    cache.setTags([String](repeating: String(repeating: "x", count: 70_000), count: 1), forKey: 1)
    cache.setValue([], forKey: 1, timeToLive: .seconds(-1))
    #expect((cache.statistics - before).rejections == 1)
    #expect((cache.statistics - before).rejectionsForTimeToLive == 1)
    #expect((cache.statistics - before).rejectionsForSize == 0)
  }

  @Test("A value that is not stored because of its tags' bytes counts as one for want of memory")
  func tags() {
    let cache = Cache<Int, Int>(byteLimit: 16 << 10) {
      $0.tags = { _, value in [String(repeating: "x", count: value)] }
    }
    cache[1] = 20_000
    #expect(cache.statistics.rejections == 1)
    #expect(cache.statistics.rejectionsForMemory == 1)
  }

  @Test("The first value of a cache that is not stored is logged with type, reason, size and limit")
  func logged() {
    let logged = lines {
      let cache = Cache<Int, [UInt8]>(byteLimit: 64 << 10) { $0.entryByteLimit = 1_000 }
      let value = [UInt8](repeating: 0, count: 2_000)
      for key in 0..<3 { cache[key] = value }
      #expect(cache.statistics.rejections == 3)
    }
    #expect(logged.count == 1)
    let size = [UInt8](repeating: 0, count: 2_000).heapByteCount
    #expect(
      logged.first?.hasPrefix(
        "LambdaCache: Cache<Int, Array<UInt8>> rejected a value: a key and its value own \(size) "
          + "bytes on the heap, and an entry may own 1000.") == true, "\(logged)")
  }

  @Test("A value that is not stored is logged with the name of a cache on a budget")
  func named() {
    let budget = MemoryBudget(byteLimit: 64 << 10)
    let logged = lines {
      let cache = Cache<Int, Int>(
        named: "users \"a\"", in: budget, heapByteCount: { _, size in size })
      cache[1] = 100 << 10
      var unique = UniqueCache<Int, Int>(
        named: "own", in: budget, heapByteCount: { _, size in size })
      unique[1] = 100 << 10
      unique.setValue(0, forKey: 1, timeToLive: .zero)
    }
    #expect(logged.count == 2)
    #expect(logged.first?.contains(#"Cache<Int, Int> "users \"a\"" rejected"#) == true, "\(logged)")
    #expect(logged.last?.contains(#"UniqueCache<Int, Int> "own" rejected"#) == true, "\(logged)")
  }

  @Test("A value that is not stored is logged in whichever way it was to be stored")
  func ways() async throws {
    let value = [UInt8](repeating: 0, count: 9_000)
    func cache() -> Cache<Int, [UInt8]> {
      Cache(byteLimit: 64 << 10) { $0.entryByteLimit = 1_000 }
    }
    #expect(lines { _ = cache().value(forKey: 1) { value } }.count == 1)
    #expect(lines { cache().updateValue(forKey: 1) { $0 = value } }.count == 1)
    #expect(lines { cache().setValues([(key: 1, value: value)]) }.count == 1)
    var unique = UniqueCache<Int, [UInt8]>(byteLimit: 64 << 10) { $0.entryByteLimit = 1_000 }
    unique[1] = []
    let changed = lines { unique.updateValue(forKey: 1) { $0 = value } }
    #expect(changed.count == 1)
    let logged = Locked<[String]>([])
    let sink: @Sendable (String) -> Void = { line in logged.withLock { $0.append(line) } }
    try await Log.$sink.withValue(sink) {
      let cache = cache()
      let loaded = try await cache.value(forKey: 1) { _ in value }
      #expect(loaded == value)
      #expect(cache.statistics.rejectionsForSize == 1)
    }
    #expect(logged.withLock { $0.count } == 1)
  }

  @Test("A value that is not stored in a cache that is kept empty is not logged")
  func keptEmpty() throws {
    let configuration = try CacheConfiguration(environment: ["LAMBDA_CACHE_ENABLED": "false"])
    let logged = lines {
      let nothing = Cache<Int, Int>(byteLimit: 0)
      nothing[1] = 1
      let none = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 0)
      none[1] = 1
      let budget = MemoryBudget(byteLimit: 1 << 20, configuration: configuration)
      let off = Cache<Int, Int>(named: "off", in: budget)
      off[1] = 1
      var owned = UniqueCache<Int, Int>(named: "off", in: budget)
      owned[1] = 1
      #expect(nothing.statistics.rejections == 1 && off.statistics.rejections == 1)
    }
    #expect(logged.isEmpty, "\(logged)")
  }
}
