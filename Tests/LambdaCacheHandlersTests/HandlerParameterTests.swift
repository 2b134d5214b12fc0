import LambdaCache
import LambdaCacheHandlers
import TestSupport
import Testing

/// An argument that a thin function does not pass on has no effect that shows at once.
@Suite("Arguments are passed on", .timeLimit(.minutes(10)))
struct HandlerParameterTests {
  private let clock = ManualClock()

  private func cache(_ expiration: Expiration = Expiration()) -> Cache<String, Int> {
    Cache(byteLimit: 1 << 20) {
      $0.expiration = expiration
      $0.clock = clock
    }
  }

  private func tenants() -> Cache<TenantKey<String>, Int> {
    Cache(byteLimit: 1 << 20) { $0.clock = clock }
  }

  @Test("A cached handler passes the time to live of its answers on")
  func cachedHandler() async throws {
    let (byType, byFunction) = (cache(), cache())
    let handler = CachedHandler<String, Int, String, Int>(
      cache: byType, timeToLive: .seconds(5), key: { $0 }, handler: { _, _ in 1 })
    _ = try await handler.handle("tea", context: 0)
    let key = { @Sendable (event: String) in event }
    let function = cached(by: key, in: byFunction, timeToLive: .seconds(7)) { (_: String, _: Int) in
      1
    }
    _ = try await function("tea", 0)
    #expect(byType.remainingTimeToLive(forKey: "tea") == .seconds(5))
    #expect(byFunction.remainingTimeToLive(forKey: "tea") == .seconds(7))
  }

  @Test("A guarded handler passes the deadline of the invocation on")
  func guardedHandler() async throws {
    let handler = guarded(by: MemoryBudget(byteLimit: 1 << 20)) { (_: Int, _: LambdaContext) in
      InvocationScope.current?.remainingTime
    }
    #expect(try await handler(1, LambdaContext(requestID: "1", deadline: 1)) == .zero)
    #expect(try await handler(1, LambdaContext(requestID: "1")) == nil)
  }

  @Test("An invocation passes the time to live of what it reads and writes on")
  func invocation() async throws {
    let prices = cache()
    try await withInvocation { invocation in
      _ = try await invocation.value(forKey: "tea", in: prices, timeToLive: .seconds(5)) { _ in 1 }
      invocation.setValue(2, forKey: "milk", in: prices, timeToLive: .seconds(7))
    }
    #expect(prices.remainingTimeToLive(forKey: "tea") == .seconds(5))
    #expect(prices.remainingTimeToLive(forKey: "milk") == .seconds(7))
  }

  @Test("withInvocation passes on the caches whose statistics are compared, and the budget")
  func withInvocationPassesOn() async throws {
    let prices = cache()
    prices["tea"] = 1
    _ = prices["tea"]
    let readings = Locked(0)
    let budget = try MemoryBudget(
      environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128"],
      process: ProcessMemory(residentByteCount: 10 << 20, containerLimit: nil),
      readings: MemoryReadings(
        resident: {
          readings.withLock { $0 += 1 }
          return 20 << 20
        }, peakResident: { nil }, group: { nil }, groupLimit: nil, trim: nil,
        nanoseconds: { 0 }))
    let before = readings.withLock { $0 }
    let hits = try await withInvocation(budget: budget, caches: [prices]) { invocation in
      _ = prices["tea"]
      return invocation.statistics(of: prices).hits
    }
    #expect(hits == 1)
    #expect(readings.withLock { $0 } > before)
  }

  @Test("The view of a tenant passes times to live on, of one key and of several")
  func tenantLifetimes() async throws {
    let tenants = tenants()
    let view = try tenants.view(ofTenant: "a")
    view.setValue(1, forKey: "written", timeToLive: .seconds(3))
    _ = try await view.value(forKey: "loaded", timeToLive: .seconds(5)) { _ in 1 }
    _ = try await view.values(forKeys: ["bulk"], timeToLive: .seconds(7)) { _ in ["bulk": 1] }
    func lifetime(of key: String) -> Duration? {
      tenants.remainingTimeToLive(forKey: TenantKey(tenant: "a", key: key))
    }
    #expect(lifetime(of: "written") == .seconds(3))
    #expect(lifetime(of: "loaded") == .seconds(5))
    #expect(lifetime(of: "bulk") == .seconds(7))
  }

  @Test("The view of a tenant passes on how long a caller waits for one key or for several")
  func tenantTimeLimits() async throws {
    let view = try tenants().view(ofTenant: "a")
    await #expect(throws: CacheLoadError.self) {
      try await view.value(forKey: "slow", within: .milliseconds(5)) { _ in
        try await Task.sleep(for: unreachedTime)
        return 1
      }
    }
    await #expect(throws: CacheLoadError.self) {
      try await view.values(forKeys: ["slow"], within: .milliseconds(5)) { _ in
        try await Task.sleep(for: unreachedTime)
        return [:]
      }
    }
  }

  @Test("The bytes of a tenant's name are counted with the key's")
  func tenantBytes() {
    let key = TenantKey(tenant: String(repeating: "t", count: 500), key: 1)
    #expect(key.heapByteCount == key.tenant.heapByteCount)
    #expect(key.heapByteCount > 500)
  }

  @Test("Removing a tenant's entries spares a tenant whose name begins in the same way")
  func tenantPrefix() throws {
    let tenants = tenants()
    for name in ["a", "ab", "a:", "b"] { try tenants.view(ofTenant: name)["key"] = 1 }
    try tenants.view(ofTenant: "a").removeAll()
    let left = try ["a", "ab", "a:", "b"].map { try tenants.view(ofTenant: $0)["key"] }
    #expect(left == [nil, 1, 1, 1])
  }

  @Test("A warm-up gives each batch what is left of its time, and not the whole of it")
  func warmUp() async {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20)
    let report = await cache.warmUp(0..<1000, batchSize: 1, within: .milliseconds(60)) { keys in
      try await Task.sleep(for: .milliseconds(20))
      return Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) })
    }
    // A thousand batches of 20 ms each would be 20 s, and a busy machine only makes fewer of them.
    #expect(!report.isComplete)
    #expect(report.error == nil)
    #expect(report.loaded <= 3)
  }

  @Test("An event of invalidations passes each of them to each of the caches")
  func invalidations() throws {
    let (first, second) = (cache(), cache())
    for cache in [first, second] { cache["tea"] = 1 }
    let event = try InvalidationEvent(json: #"{"invalidate": {"keys": ["tea"]}}"#)
    #expect(try event.apply(to: first, second).invalidations == [.key("tea")])
    #expect(first["tea"] == nil)
    #expect(second["tea"] == nil)
  }
}
