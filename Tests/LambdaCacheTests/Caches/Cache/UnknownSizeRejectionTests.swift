import TestSupport
import Testing

@testable import LambdaCache

/// A value that can be measured or not, which its type does not show.
private struct Page: HeapSized, Sendable {
  var title = ""
  var content: any Sendable

  static var measurable: Page { Page(content: 1) }
  static var unmeasurable: Page { Page(content: Connection()) }
}

private final class Connection: Sendable {}

private struct Callback: HeapSized, Sendable {
  var action: @Sendable () -> Void
}

private struct Answering: HeapSized, Sendable {
  var action: @Sendable () -> Void
  var heapByteCount: Int { 16 }
}

@Suite("A value that cannot be measured", .prompt)
struct UnknownSizeRejectionTests {
  /// The lines that are logged while an operation runs.
  private func lines(
    level: String = "INFO", _ body: () async throws -> Void
  ) async rethrows -> [String] {
    let lines = Locked<[String]>([])
    let format = LogFormat(environment: ["AWS_LAMBDA_LOG_LEVEL": level])
    try await Log.$format.withValue(format) {
      try await Log.$sink.withValue({ line in lines.withLock { $0.append(line) } }) {
        try await body()
      }
    }
    return lines.withLock { $0 }
  }

  @Test("A value that cannot be measured is rejected and counted, and removes the old one")
  func rejected() async {
    _ = await lines {
      let cache = Cache<String, Page>(byteLimit: 1 << 20)
      cache["a"] = .measurable
      #expect(cache.setValue(.unmeasurable, forKey: "a") == .rejected)
      #expect(cache.setValue(.unmeasurable, forKey: "b") == .rejected)
      #expect(cache.count == 0)
      let statistics = cache.statistics
      #expect(statistics.rejections == 2 && statistics.rejectionsForUnknownSize == 2)
      #expect(statistics.rejectionsForSize == 0 && statistics.rejectionsForMemory == 0)
      #expect(cache.setValue(.unmeasurable, forKey: "c", heapByteCount: 100) == .inserted)
      #expect((cache.statistics - statistics).rejectionsForUnknownSize == 0)
    }
  }

  @Test("A size that the caller states is a size, however large it is")
  func stated() async {
    let logged = await lines {
      // Another test may have measured something on this thread.
      HeapWalk.forgetFailure()
      let cache = Cache<Int, Int>(byteLimit: 1 << 20)
      for size in [1 << 43, 1 << 44, Int.max] {
        #expect(cache.setValue(1, forKey: 1, heapByteCount: size) == .rejected)
      }
      #expect(cache.statistics.rejectionsForUnknownSize == 0)
      #expect(cache.statistics.rejectionsForSize == 3)
    }
    #expect(logged.count == 1)
  }

  @Test("The first value that cannot be measured is logged with type, property and ways out, once")
  func logged() async {
    let logged = await lines {
      let cache = Cache<String, Page>(
        named: "pages", in: MemoryBudget(byteLimit: 1 << 20), timeToLive: .seconds(60))
      for key in ["a", "b", "c"] { cache[key] = .unmeasurable }
      cache.setValue(.measurable, forKey: "d", timeToLive: .zero)
      cache[String(repeating: "e", count: 2 << 20)] = .measurable
      cache["a"] = .unmeasurable
    }
    #expect(
      logged.first
        == """
        LambdaCache: Cache<String, Page> "pages" rejected a value: the heap memory of \
        Page.content of type Connection cannot be known: the class does not conform to \
        HeapSized; write `extension Connection: HeapSized {}` if the object belongs to the \
        value, give Page a heapByteCount of its own, or pass the size with the value. Further \
        ones are only counted, in statistics.rejectionsForUnknownSize.
        """)
    #expect(logged.count == 2, "\(logged)")
    #expect(logged.last?.contains("the time to live of a value is not positive") == true)
  }

  @Test("A value that cannot be measured is logged although another was rejected before it")
  func loggedLater() async {
    let logged = await lines {
      var cache = UniqueCache<String, Page>(byteLimit: 1 << 20)
      cache.setValue(.measurable, forKey: "a", timeToLive: .zero)
      cache["a"] = .unmeasurable
      cache["a"] = .unmeasurable
    }
    #expect(logged.count == 2)
    #expect(logged.last?.contains("UniqueCache<String, Page> rejected") == true, "\(logged)")
    #expect(logged.last?.contains("Page.content of type Connection") == true, "\(logged)")
  }

  @Test(
    "A value that cannot be measured is rejected in whichever way it is to be stored",
    arguments: [false, true])
  func ways(onBudget: Bool) async throws {
    func cache(
      _ configure: (inout CacheOptions<String, Page>) -> Void = { _ in }
    ) -> Cache<String, Page> {
      onBudget
        ? Cache(named: "pages", in: MemoryBudget(byteLimit: 1 << 20), configure: configure)
        : Cache(byteLimit: 1 << 20, configure: configure)
    }
    func expectRejection(
      _ cache: Cache<String, Page>, count: Int = 1,
      sourceLocation: SourceLocation = #_sourceLocation,
      _ body: (Cache<String, Page>) async throws -> Void
    ) async throws {
      let logged = try await lines { try await body(cache) }
      #expect(cache.statistics.rejectionsForUnknownSize == count, sourceLocation: sourceLocation)
      #expect(cache.count == 0, sourceLocation: sourceLocation)
      #expect(
        logged.count == 1 && logged[0].contains("Page.content of type Connection"), "\(logged)",
        sourceLocation: sourceLocation)
    }
    try await expectRejection(cache()) { $0["a"] = .unmeasurable }
    try await expectRejection(cache()) { $0.setValues([(key: "a", value: .unmeasurable)]) }
    try await expectRejection(cache()) { $0.updateValue(forKey: "a") { $0 = .unmeasurable } }
    try await expectRejection(cache()) { cache in
      cache["a"] = .measurable
      cache.updateValue(forKey: "a") { $0?.content = Connection() }
    }
    try await expectRejection(cache()) { _ = $0.value(forKey: "a") { .unmeasurable } }
    try await expectRejection(cache { $0.tags = { _, _ in ["x"] } }) { $0["a"] = .unmeasurable }
    try await expectRejection(cache { $0.entryTimeToLive = { _, _ in .seconds(9) } }) {
      $0["a"] = .unmeasurable
    }
    try await expectRejection(cache { $0.onRemoval = { _, _, _ in } }) { $0["a"] = .unmeasurable }
    try await expectRejection(cache()) { cache in
      let loaded = try await cache.value(forKey: "a") { _ in Page.unmeasurable }
      #expect(loaded.content is Connection)
    }
    try await expectRejection(cache(), count: 2) { cache in
      let loaded = try await cache.values(forKeys: ["a", "b"]) { keys in
        Dictionary(uniqueKeysWithValues: keys.map { ($0, Page.unmeasurable) })
      }
      #expect(loaded.count == 2)
    }
  }

  @Test("A value that cannot be measured is rejected by a cache with one owner, also in its slot")
  func unique() async {
    let logged = await lines {
      for budget in [nil, MemoryBudget(byteLimit: 1 << 20)] {
        var cache =
          budget.map { UniqueCache<String, Page>(named: "pages", in: $0) }
          ?? UniqueCache<String, Page>(byteLimit: 1 << 20)
        cache["a"] = .measurable
        cache.updateValue(forKey: "a") { $0?.content = Connection() }
        #expect(cache.count == 0)
        cache["b"] = .unmeasurable
        #expect(cache.count == 0)
        #expect(cache.statistics.rejectionsForUnknownSize == 2)
      }
    }
    #expect(logged.count == 2, "\(logged)")
  }

  @Test("Values that cannot be measured do not let loads wait for more bytes than they need")
  func expectations() async {
    _ = await lines {
      let budget = MemoryBudget(byteLimit: 1 << 20)
      let cache = Cache<String, Page>(named: "pages", in: budget)
      for _ in 0..<100 { cache["a"] = .unmeasurable }
      #expect(cache.withState { state, _ in state.budgetUsage.sizes.expected } == nil)
    }
  }

  @Test("A value that cannot be measured ends the process where a test asks for it")
  func endsProcess() async {
    let shared = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let cache = Cache<String, Page>(byteLimit: 1 << 20) { $0.endsProcessForUnknownSize = true }
      cache["a"] = .measurable
      cache["a"] = .unmeasurable
    }
    let unique = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var cache = UniqueCache<String, Page>(byteLimit: 1 << 20) {
        $0.endsProcessForUnknownSize = true
      }
      cache["a"] = .measurable
      cache["a"] = .unmeasurable
    }
    for result in [shared, unique] {
      let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(message.contains("Page.content of type Connection cannot be known"), "\(message)")
    }
  }

  @Test("What a type shows to be unmeasurable is told when a cache is made, at the level DEBUG")
  func foreseeable() async {
    let told = await lines(level: "DEBUG") {
      _ = Cache<String, Callback>(named: "calls", in: MemoryBudget(byteLimit: 1 << 20))
      _ = UniqueCache<String, [Callback]>(byteLimit: 1 << 20)
      _ = UniqueCache<String, Callback>(byteLimit: 1 << 20)
    }
    #expect(
      told.first
        == """
        LambdaCache: Cache<String, Callback> "calls" will reject every Callback unless that \
        has a heapByteCount of its own: the heap memory of Callback.action of type \
        @Sendable () -> () cannot be known: what a closure captures is not visible; give \
        Callback a heapByteCount of its own, or pass the size with the value
        """)
    #expect(told.count == 2, "\(told)")
    let nothing = await lines(level: "DEBUG") {
      _ = Cache<String, Page>(byteLimit: 1 << 20)
      _ = Cache<String, [[String: Page?]]>(byteLimit: 1 << 20)
      _ = Cache<Substring, [UInt8]>(byteLimit: 1 << 20)
      _ = Cache<Int, Callback>(byteLimit: 1 << 20, heapByteCount: { _, _ in 0 })
    }
    #expect(nothing.isEmpty, "\(nothing)")
    #expect(await lines { _ = Cache<String, Callback>(byteLimit: 1 << 20) }.isEmpty)
  }

  @Test("To look at what a type consists of does not keep a value from answering for itself")
  func ownAnswer() async {
    _ = await lines(level: "DEBUG") {
      let cache = Cache<Int, Answering>(byteLimit: 1 << 20)
      #expect(cache.setValue(Answering(action: {}), forKey: 1) == .inserted)
      #expect([Answering(action: {})].heapByteCount > 16)
      #expect(cache.statistics.rejections == 0)
    }
  }
}
