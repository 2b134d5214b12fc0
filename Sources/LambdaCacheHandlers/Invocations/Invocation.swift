public import LambdaCache

/// One invocation, for handlers that use caches in their own way: repeatable reads, what caches did
/// during it, and what is to be done after the response.
///
/// ```swift
/// let runtime = LambdaRuntime { (event: Order, context: LambdaContext) in
///   try await withInvocation(context, budget: budget, caches: [prices]) { invocation in
///     let price = try await invocation.value(forKey: event.article, in: prices) { article in
///       try await database.price(of: article)
///     }
///     return Receipt(price, cacheHits: invocation.statistics(of: prices).hits)
///   }
/// }
/// ```
///
/// **Repeatable reads.** What ``value(forKey:in:timeToLive:orLoad:)`` has once returned of a key it
/// returns until the invocation ends, whatever becomes of the cache's entry and of other keys: an
/// answer is not put together from two versions of the same thing. It is kept outside of the cache
/// and of its budget until then, so it is for the few values that an answer is made from: of the
/// first ``readLimit`` keys that are read or set; what is read of others is what the cache has at
/// the time.
public final class Invocation: Sendable {
  /// The invocation as caches see it.
  public let scope: InvocationScope

  /// Whether this object has to end the scope.
  private let ownsScope: Bool
  private let budget: MemoryBudget?
  private let before: [ObjectIdentifier: CacheStatistics]
  private let memory = Locked(ReadMemory())

  /// How many keys an invocation remembers what was read of, in all caches together.
  public static var readLimit: Int { ReadMemory.limit }

  /// Begins an invocation, or joins the one that the present task is in.
  ///
  /// - Parameters:
  ///   - context: What the runtime's context knows; `nil` if that is nothing.
  ///   - budget: The budget of the caches, whose guard looks at the memory when the invocation
  ///     ends.
  ///   - caches: The caches whose ``statistics(of:)`` will be asked for.
  ///   - runsRefreshes: Whether ``finish()`` is called after the response has been sent. If not,
  ///     values that were served stale are loaded anew by the next who asks for them.
  public init(
    _ context: (any InvocationContext)? = nil, budget: MemoryBudget? = nil,
    caches: [any CacheStatisticsSource & AnyObject] = [], runsRefreshes: Bool = true
  ) {
    let current = InvocationScope.current
    scope =
      current
      ?? InvocationScope(
        deadlineInMilliseconds: context?.deadlineInMilliseconds, runsRefreshes: runsRefreshes)
    ownsScope = current == nil
    self.budget = budget
    before = Dictionary(
      caches.map { (ObjectIdentifier($0), $0.statistics) }, uniquingKeysWith: { first, _ in first })
  }

  /// Runs a part of the invocation; caches that are used in it know of the invocation.
  ///
  /// - Parameters:
  ///   - isolation: The actor that `body` runs on: the caller's.
  ///   - body: The part.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  public func run<Answer>(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Answer
  ) async throws -> Answer {
    try await InvocationScope.$current.withValue(scope, operation: body)
  }

  /// Ends the invocation: runs what was left for after the response, and looks at the memory.
  ///
  /// Call it once, when the response has been sent. What belongs to a runtime that ends its
  /// invocations itself is left to it.
  public func finish() async {
    if ownsScope { await scope.finish() }
    budget?.invocationDidEnd()
  }

  /// The value of a key, the same throughout the invocation; loaded if the cache has none.
  ///
  /// - Parameters:
  ///   - key: The key to look up.
  ///   - cache: The cache.
  ///   - timeToLive: How long a loaded entry lives in the cache; `nil` for the cache's own.
  ///   - load: Loads the value of the key it is given.
  /// - Returns: The value that was returned first in this invocation.
  /// - Throws: What `Cache.value(forKey:timeToLive:within:orLoad:)` throws; errors are not
  ///   repeated.
  public nonisolated(nonsending) func value<Key, Value>(
    forKey key: Key, in cache: Cache<Key, Value>, timeToLive: Duration? = nil,
    orLoad load: @escaping @Sendable (Key) async throws -> Value
  ) async throws -> Value {
    guard key == key else {
      // Such a key is never found again, and its place would never be left.
      return try await cache.value(forKey: key, timeToLive: timeToLive, orLoad: load)
    }
    let name = ReadMemory.Name(cache, key)
    let (found, read) = memory.withLock { $0.beginRead(of: name) }
    // Unwrapped first: of an optional value `nil` would pass for one.
    if let found, let value = found as? Value { return value }
    let value: Value
    let isOvertaken: Bool
    do {
      (value, isOvertaken) = try await cache.valueAndFate(
        forKey: key, timeToLive: timeToLive, orLoad: load)
    } catch {
      memory.withLock { $0.endRead(of: name) }
      throw error
    }
    // Of two tasks of the invocation that asked at once the first decides.
    let first = memory.withLock {
      $0.endRead(of: name, read, with: isOvertaken ? nil : (cache, value))
    }
    if let first, let first = first as? Value { return first }
    return value
  }

  /// Sets the value of a key, in the cache and for the rest of the invocation.
  ///
  /// - Parameters:
  ///   - value: The value.
  ///   - key: The key.
  ///   - cache: The cache.
  ///   - timeToLive: How long the entry lives in the cache; `nil` for the cache's own.
  public func setValue<Key, Value>(
    _ value: Value, forKey key: Key, in cache: Cache<Key, Value>, timeToLive: Duration? = nil
  ) {
    cache.setValue(value, forKey: key, timeToLive: timeToLive)
    let name = ReadMemory.Name(cache, key)
    let old = memory.withLock { $0.set((cache, value), of: name) }
    withExtendedLifetime(old) {}
  }

  /// Removes a key from the cache, and forgets what was read of it.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - cache: The cache.
  public func removeValue<Key, Value>(forKey key: Key, in cache: Cache<Key, Value>) {
    cache.removeValue(forKey: key)
    let name = ReadMemory.Name(cache, key)
    let old = memory.withLock { $0.set(nil, of: name) }
    withExtendedLifetime(old) {}
  }

  /// What a cache has done since the invocation began.
  ///
  /// Where several invocations go on at once, what the others did is in it.
  ///
  /// - Parameter cache: One of the caches that the invocation was begun with.
  /// - Returns: The difference; of another cache, all that it has done since it was made.
  public func statistics(of cache: any CacheStatisticsSource & AnyObject) -> CacheStatistics {
    cache.statistics - (before[ObjectIdentifier(cache)] ?? CacheStatistics())
  }
}

/// Runs a handler's body as one invocation; see ``Invocation``.
///
/// Values that were served stale are loaded anew after the response where the runtime sees to that,
/// as `LambdaCacheRuntime` does, and else by the next invocation that asks for them. A handler that
/// can go on after its response makes an ``Invocation`` of its own.
///
/// - Parameters:
///   - context: What the runtime's context knows; `nil` if that is nothing.
///   - budget: The budget of the caches, whose guard looks at the memory when the invocation ends.
///   - caches: The caches whose ``Invocation/statistics(of:)`` will be asked for.
///   - isolation: The actor that `body` runs on: the caller's.
///   - body: The handler.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws.
public func withInvocation<Answer>(
  _ context: (any InvocationContext)? = nil, budget: MemoryBudget? = nil,
  caches: [any CacheStatisticsSource & AnyObject] = [],
  isolation: isolated (any Actor)? = #isolation,
  _ body: (Invocation) async throws -> Answer
) async throws -> Answer {
  let invocation = Invocation(context, budget: budget, caches: caches, runsRefreshes: false)
  let answer: Answer
  do {
    answer = try await invocation.run { try await body(invocation) }
  } catch {
    await invocation.finish()
    throw error
  }
  await invocation.finish()
  return answer
}
