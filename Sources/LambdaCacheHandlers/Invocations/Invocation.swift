public import LambdaCache

/// One invocation, for handlers that use caches in their own way: repeatable reads, the statistics
/// of caches during it, and work after the response.
///
/// <!-- with: AWSLambdaRuntime, Order, budget, database, prices -->
/// ```swift
/// let runtime = LambdaRuntime { (event: Order, context: LambdaContext) in
///   try await withInvocation(budget: budget, caches: [prices]) { invocation in
///     let price = try await invocation.value(forKey: event.article, in: prices) { article in
///       try await database.price(of: article)
///     }
///     return "\(price.cents) cents, \(invocation.statistics(of: prices).hits) hits"
///   }
/// }
/// ```
///
/// **Repeatable reads.** The value that ``value(forKey:in:timeToLive:orLoad:)`` has once returned
/// for a key is returned until the invocation ends, whatever happens to the cache's entry: an
/// answer is not made from two versions of the same thing. The values are kept outside of the cache
/// and of its budget until then, so this is for the few values that an answer is made from: those
/// of the first 1,024 keys that are read or set in all caches together. Reads of other keys return
/// what the cache has at the time.
public final class Invocation: Sendable {
  /// The invocation as caches see it.
  let scope: InvocationScope

  /// Whether this object has to end the scope.
  private let ownsScope: Bool
  private let budget: MemoryBudget?
  private let before: [ObjectIdentifier: CacheStatistics]
  private let memory = Locked(ReadMemory())

  /// Begins an invocation, or joins the one that the present task is in.
  ///
  /// - Parameters:
  ///   - context: The runtime's context; `nil` if it has no deadline.
  ///   - budget: The budget of the caches, whose guard reads the memory when the invocation ends.
  ///   - caches: The caches whose ``statistics(of:)`` will be needed.
  ///   - runsRefreshes: Whether ``finish()`` is called after the response has been sent. If not, a
  ///     value that was served stale is loaded again by the next look-up of its key.
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
    before =
      caches.isEmpty
      ? [:]
      : Dictionary(
        caches.map { (ObjectIdentifier($0), $0.statistics) },
        uniquingKeysWith: { first, _ in first })
  }

  /// Runs a part of the invocation, in which caches see the invocation.
  ///
  /// - Parameters:
  ///   - isolation: The actor that `body` runs on: the caller's.
  ///   - body: The part.
  /// - Returns: The result of `body`.
  /// - Throws: Any error of `body`.
  public func run<Answer>(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Answer
  ) async throws -> Answer {
    try await InvocationScope.$current.withValue(scope) {
      _ = isolation
      await InvocationStarts.prepare()
      return try await body()
    }
  }

  /// Ends the invocation: runs the work that was left for after the response, and has the budget
  /// read the memory.
  ///
  /// Call it once, when the response has been sent. A runtime that ends its invocations itself, as
  /// `LambdaCacheRuntime` does, still runs that work itself.
  public nonisolated(nonsending) func finish() async {
    if ownsScope, !scope.finishIfIdle() { await scope.finish() }
    budget?.invocationDidEnd()
  }

  /// The value of a key, the same throughout the invocation; loaded if the cache has none.
  ///
  /// - Parameters:
  ///   - key: The key to look up.
  ///   - cache: The cache.
  ///   - timeToLive: The time to live of a loaded entry in the cache; `nil` for the cache's own.
  ///   - load: Loads the value of a key.
  /// - Returns: The value that was returned first in this invocation.
  /// - Throws: Any error of `Cache.value(forKey:timeToLive:within:orLoad:)`; errors are not
  ///   repeated.
  public nonisolated(nonsending) func value<Key, Value>(
    forKey key: Key, in cache: Cache<Key, Value>, timeToLive: Duration? = nil,
    orLoad load: @escaping @Sendable (Key) async throws -> Value
  ) async throws -> Value {
    guard key == key else {
      // Such a key is never found again, so that its place would never be freed.
      return try await cache.value(forKey: key, timeToLive: timeToLive, orLoad: load)
    }
    let name = ReadMemory.Name(cache, key)
    let (found, read) = memory.withLock { $0.beginRead(of: name) }
    // Unwrapped first: otherwise `nil` could be cast to an optional value.
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
    // If two tasks of the invocation read at once, the first one decides.
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
  ///   - timeToLive: The time to live of the entry in the cache; `nil` for the cache's own.
  public func setValue<Key, Value>(
    _ value: Value, forKey key: Key, in cache: Cache<Key, Value>, timeToLive: Duration? = nil
  ) {
    cache.setValue(value, forKey: key, timeToLive: timeToLive)
    let name = ReadMemory.Name(cache, key)
    let old = memory.withLock { $0.set((cache, value), of: name) }
    withExtendedLifetime(old) {}
  }

  /// Removes a key from the cache, and forgets its value in this invocation.
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

  /// The statistics of a cache since the invocation began.
  ///
  /// Where several invocations run at once, those of the others are included.
  ///
  /// - Parameter cache: One of the caches that the invocation was begun with.
  /// - Returns: The difference; for any other cache, its statistics since it was made.
  public func statistics(of cache: any CacheStatisticsSource & AnyObject) -> CacheStatistics {
    cache.statistics - (before[ObjectIdentifier(cache)] ?? CacheStatistics())
  }
}

/// Runs a handler's body as one invocation; see ``Invocation``.
///
/// Values that were served stale are loaded again after the response where the runtime runs such
/// work, as `LambdaCacheRuntime` does, and otherwise by the next invocation that reads them. A
/// handler that can continue after its response makes an ``Invocation`` of its own.
///
/// - Parameters:
///   - context: The runtime's context; `nil` if it has no deadline.
///   - budget: The budget of the caches, whose guard reads the memory when the invocation ends.
///   - caches: The caches whose ``Invocation/statistics(of:)`` will be needed.
///   - isolation: The actor that `body` runs on: the caller's.
///   - body: The handler.
/// - Returns: The result of `body`.
/// - Throws: Any error of `body`.
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
