import Synchronization

/// A cache that many tasks and threads share: bounded by bytes and entries, least recently used
/// first out.
///
/// Create it outside the handler, where it lives as long as the environment:
///
/// ```swift
/// let cache = Cache<String, String>(
///   byteLimit: 32 << 20, timeToLive: .seconds(300))
/// cache["motto"] = "read once"
/// print(cache.value(forKey: "motto") ?? "")
/// ```
///
/// Every byte counts: slots, index, deadlines, and what keys and values own on the heap. All
/// members can be called from anywhere at any time. Nothing of the caller's runs while the cache's
/// lock is held, but for `==` of keys: sizes and hashes are taken before, values that leave are
/// destroyed after, and so is the removal listener called. An `==` that calls the cache it is asked
/// by ends the process with a message.
public final class Cache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  // A class's stored structs are checked for exclusive access at run time; memory behind a `let` is
  // not, and the lock is what makes the access exclusive.
  @usableFromInline nonisolated(unsafe) let state: UnsafeMutablePointer<CacheState<Key, Value>>
  @usableFromInline package let lock = CacheLock()
  @usableFromInline let hasher = KeyHasher()
  /// `nil` for entries that own nothing on the heap; see ``size(_:_:)``.
  @usableFromInline let measure: (@Sendable (Key, Value) -> Int)?
  /// Behind a reference: an optional existential would take 40 bytes of every cache.
  let clock: InjectedClock?
  /// Whether there is a `clock`: asking an optional existential that copies it is not free.
  @usableFromInline let hasClock: Bool
  /// Whether a look-up may take the fast path: it reads the system's clocks and changes only the
  /// order of use.
  @usableFromInline let hasFastReadPath: Bool
  /// Whether a look-up in a cache with a policy may take the fast path but for that.
  @usableFromInline let hasFastPolicyReadPath: Bool
  /// Whether a look-up in a cache that keeps times may take the fast path while all is fresh.
  @usableFromInline let hasFreshReadPath: Bool
  /// Whether a write calls neither an injected clock, a budget, a closure nor a listener.
  @usableFromInline let hasFastWritePath: Bool
  /// Whether look-ups of several threads read at the same time; see `Cache+SharedReads.swift`.
  @usableFromInline package let readSharing = Atomic<ReadSharing>(.none)
  @usableFromInline let entryTimeToLive: (@Sendable (Key, Value) -> Duration?)?
  @usableFromInline let tagging: (@Sendable (Key, Value) -> [String])?
  /// Whether tags are equal only if they have the same bytes in UTF-8.
  let hasExactTags: Bool
  /// Whether read-through has only fresh values to do with, and never loads while there is one.
  @usableFromInline let hasFastLoadPath: Bool
  /// Whether it has only fresh values to do with as long as it finds one.
  @usableFromInline let hasFreshLoadPath: Bool
  let customLoading: SharedLoadPolicy?
  @usableFromInline let listener: (@Sendable (Key, Value, RemovalCause) -> Void)?
  /// The part of a ``MemoryBudget`` that the byte limit is; given back when the cache is gone.
  @usableFromInline let share: BudgetShare?
  /// The log of its look-ups; `nil` for none.
  @usableFromInline let requestLog: RequestLog?
  /// The keys that the log may be of, apart from it, so that a hit retains nothing; `nil` where a
  /// look-up could not go the short way without a log either.
  @usableFromInline let sampledKeys: SampledKeys?
  /// Whether the environment has turned it off: then it holds nothing, whatever the program wants.
  let isTurnedOff: Bool
  /// The settings that nothing else keeps, and where they come from; `nil` for defaults.
  let record: SettingsRecord?

  /// Creates a cache from options that parameters, closure and variables have been put into.
  ///
  /// - Parameters:
  ///   - byteLimit: The most bytes that the cache takes; 0 before a budget lends some.
  ///   - options: The settings in effect.
  ///   - share: The part of a budget; `nil` for a limit of the cache's own.
  ///   - requestLog: The log of the cache's look-ups; `nil` for none.
  ///   - record: Where the settings come from; `nil` for none but options.
  ///   - measure: Measures an entry; `nil` for entries that own nothing on the heap.
  @usableFromInline
  init(
    byteLimit: Int, options: CacheOptions<Key, Value>, share: BudgetShare?,
    requestLog: RequestLog? = nil, record: SettingsRecord?,
    measure: (@Sendable (Key, Value) -> Int)?
  ) {
    options.loading.validate()
    let limits = CacheLimits(
      byteLimit: byteLimit, entryLimit: options.entryLimit, entryByteLimit: options.entryByteLimit)
    let expiration = options.engineExpiration
    let clock = options.clock
    state = .allocate(capacity: 1)
    state.initialize(
      to: CacheState(
        core: CacheCore(
          limits: limits, expiration: expiration, isObserved: options.onRemoval != nil,
          injectedOrigin: clock?.elapsed, policy: options.policy)))
    if options.endsProcessForUnknownSize {
      state.pointee.reportedRejections.insert(.endsProcess)
    }
    self.measure = measure
    self.clock = clock.map(InjectedClock.init)
    hasClock = clock != nil
    let hasPolicy = state.pointee.core.evictionPolicy != nil
    let readsFast = clock == nil && state.pointee.core.aging == nil
    hasFastReadPath = readsFast && requestLog == nil && !hasPolicy
    hasFastPolicyReadPath = readsFast && requestLog == nil && hasPolicy
    hasFreshReadPath = requestLog == nil && state.pointee.core.aging != nil
    hasFastWritePath =
      clock == nil && share == nil && options.entryTimeToLive == nil && options.tags == nil
      && options.onRemoval == nil
    entryTimeToLive = options.entryTimeToLive
    tagging = options.tags
    hasExactTags = options.hasExactTags
    hasFastLoadPath = options.loading.earlyRefresh == 0 && !expiration.keepsStaleEntries
    hasFreshLoadPath =
      hasFreshReadPath && options.loading.earlyRefresh == 0 && expiration.keepsStaleEntries
    customLoading = options.loading.isPlain ? nil : SharedLoadPolicy(options.loading)
    self.share = share
    self.requestLog = requestLog
    sampledKeys = readsFast && !hasPolicy ? requestLog?.sampledKeys : nil
    isTurnedOff = record?.isTurnedOff ?? false
    self.record = record ?? SettingsRecord(unnamed: options.expiration)
    listener = options.onRemoval
  }

  deinit {
    state.pointee.releaseLoading()
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// The bytes that a key and a value own on the heap.
  @inlinable @inline(__always)
  func size(_ key: Key, _ value: Value) -> Int { measure?(key, value) ?? 0 }

  /// The time of an injected clock, read before the lock is taken; `nil` if there is none.
  @inlinable @inline(__always)
  var injectedReading: Duration? { hasClock ? readClock() : nil }

  @usableFromInline
  @inline(never)
  func readClock() -> Duration? { clock?.clock.elapsed }
}
