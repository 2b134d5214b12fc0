/// A cache that many tasks and threads share: bounded by bytes and entries, least recently used
/// first out.
///
/// Create it outside the handler, where it lives as long as the environment:
///
/// ```swift
/// let cache = Cache<String, String>(byteLimit: 32 << 20, timeToLive: .seconds(300))
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
  /// Called with key, value and cause of every entry that leaves, after the operation that removed
  /// it.
  public typealias RemovalListener = @Sendable (Key, Value, RemovalCause) -> Void

  /// How long an entry with a key and a value lives; `nil` for the cache's own time to live.
  public typealias EntryTimeToLive = @Sendable (Key, Value) -> Duration?

  /// The tags of an entry with a key and a value; see ``removeAll(tagged:)``.
  public typealias EntryTags = @Sendable (Key, Value) -> [String]

  // A class's stored structs are checked for exclusive access at run time; memory behind a `let` is
  // not, and the lock is what makes the access exclusive.
  @usableFromInline nonisolated(unsafe) let state: UnsafeMutablePointer<CacheState<Key, Value>>
  @usableFromInline let lock = CacheLock()
  @usableFromInline let hasher = KeyHasher()
  /// `nil` for entries that own nothing on the heap; see ``size(_:_:)``.
  @usableFromInline let measure: (@Sendable (Key, Value) -> Int)?
  @usableFromInline let clock: (any CacheClock)?
  /// Whether there is a `clock`: asking an optional existential that copies it is not free.
  @usableFromInline let hasClock: Bool
  /// Whether a look-up may go the short way: by the clocks of the system, and with nothing to note
  /// but the order of use.
  @usableFromInline let hasFastReadPath: Bool
  /// Whether a write asks nobody and tells nobody: neither a clock, a budget, a closure nor a
  /// listener.
  @usableFromInline let hasFastWritePath: Bool
  @usableFromInline let entryTimeToLive: EntryTimeToLive?
  @usableFromInline let tagging: EntryTags?
  /// Whether tags are equal only if they have the same bytes in UTF-8.
  let hasExactTags: Bool
  /// See ``Expiration``.
  let earlyRefresh: Double
  let staleWhileRevalidate: Duration
  let staleIfError: Duration
  /// Whether read-through has only fresh values to do with, and never loads while there is one.
  @usableFromInline let hasFastLoadPath: Bool
  let customLoading: SharedLoadPolicy?
  @usableFromInline let listener: RemovalListener?
  /// The part of a ``MemoryBudget`` that the byte limit is; given back when the cache is gone.
  @usableFromInline let share: BudgetShare?
  /// Whether the environment has turned it off: then it holds nothing, whatever the program wants.
  let isTurnedOff: Bool

  /// Creates a cache whose keys and values know their sizes.
  ///
  /// - Parameters:
  ///   - byteLimit: The most bytes the cache takes, from 0, which keeps it empty.
  ///   - entryLimit: The most entries it holds; `nil` for as many as the bytes allow.
  ///   - entryByteLimit: The most bytes that one key and its value may own on the heap; `nil` for
  ///     as many as the cache.
  ///   - timeToLive: How long an entry lives after it was set, in the place of what `expiration`
  ///     says; `nil` for that. Whole milliseconds count, rounded up; what is not positive keeps the
  ///     cache empty.
  ///   - expiration: When entries expire, and what may be done with them then; never if left out.
  ///   - loading: What read-through remembers of loads that fail; `nil` for nothing.
  ///   - clock: What tells the time; `nil` for the system's clocks.
  ///   - onRemoval: Told of every entry that leaves.
  ///   - entryTimeToLive: How long an entry with this key and value lives, asked before it is set,
  ///     outside of any lock, if the call says nothing; `nil` for the cache's time to live.
  ///   - tags: The tags of an entry with this key and value, asked before it is set, outside of any
  ///     lock; `nil` for none. See ``removeAll(tagged:)``.
  ///   - exactTags: Whether two tags are equal only if they have the same bytes in UTF-8; if not,
  ///     they are equal as `String` has it, `é` in one scalar and in two.
  @inlinable
  public convenience init(
    byteLimit: Int, entryLimit: Int? = nil, entryByteLimit: Int? = nil,
    timeToLive: Duration? = nil, expiration: Expiration = Expiration(),
    loading: LoadPolicy? = nil, clock: (any CacheClock)? = nil,
    onRemoval: RemovalListener? = nil, entryTimeToLive: EntryTimeToLive? = nil,
    tags: EntryTags? = nil, exactTags: Bool = false
  ) where Key: HeapSized, Value: HeapSized {
    self.init(
      limits: CacheLimits(
        byteLimit: byteLimit, entryLimit: entryLimit, entryByteLimit: entryByteLimit),
      expiration: expiration.replacing(timeToLive: timeToLive), loading: loading,
      clock: clock, share: nil, measure: CacheEntry<Key, Value>.sharedMeasure, onRemoval: onRemoval,
      entryTimeToLive: entryTimeToLive, tags: tags, exactTags: exactTags)
  }

  /// Creates a cache whose entries are measured by a closure.
  ///
  /// - Parameters:
  ///   - byteLimit: The most bytes the cache takes, from 0, which keeps it empty.
  ///   - entryLimit: The most entries it holds; `nil` for as many as the bytes allow.
  ///   - entryByteLimit: The most bytes that one key and its value may own on the heap; `nil` for
  ///     as many as the cache.
  ///   - timeToLive: How long an entry lives after it was set, in the place of what `expiration`
  ///     says; `nil` for that. Whole milliseconds count, rounded up; what is not positive keeps the
  ///     cache empty.
  ///   - expiration: When entries expire, and what may be done with them then; never if left out.
  ///   - loading: What read-through remembers of loads that fail; `nil` for nothing.
  ///   - clock: What tells the time; `nil` for the system's clocks.
  ///   - heapByteCount: The bytes that a key and its value own outside their inline storage. It
  ///     must not be negative.
  ///   - onRemoval: Told of every entry that leaves.
  ///   - entryTimeToLive: How long an entry with this key and value lives, asked before it is set,
  ///     outside of any lock, if the call says nothing; `nil` for the cache's time to live.
  ///   - tags: The tags of an entry with this key and value, asked before it is set, outside of any
  ///     lock; `nil` for none. See ``removeAll(tagged:)``.
  ///   - exactTags: Whether two tags are equal only if they have the same bytes in UTF-8; if not,
  ///     they are equal as `String` has it, `é` in one scalar and in two.
  @inlinable
  public convenience init(
    byteLimit: Int, entryLimit: Int? = nil, entryByteLimit: Int? = nil,
    timeToLive: Duration? = nil, expiration: Expiration = Expiration(),
    loading: LoadPolicy? = nil, clock: (any CacheClock)? = nil,
    heapByteCount: @escaping @Sendable (Key, Value) -> Int, onRemoval: RemovalListener? = nil,
    entryTimeToLive: EntryTimeToLive? = nil, tags: EntryTags? = nil,
    exactTags: Bool = false
  ) {
    self.init(
      limits: CacheLimits(
        byteLimit: byteLimit, entryLimit: entryLimit, entryByteLimit: entryByteLimit),
      expiration: expiration.replacing(timeToLive: timeToLive), loading: loading,
      clock: clock, share: nil, measure: heapByteCount, onRemoval: onRemoval,
      entryTimeToLive: entryTimeToLive, tags: tags, exactTags: exactTags)
  }

  @usableFromInline
  init(
    limits: CacheLimits, expiration: Expiration, loading: LoadPolicy?,
    clock: (any CacheClock)?, share: BudgetShare?, isTurnedOff: Bool = false,
    measure: (@Sendable (Key, Value) -> Int)?, onRemoval: RemovalListener?,
    entryTimeToLive: EntryTimeToLive?, tags: EntryTags?, exactTags: Bool
  ) {
    state = .allocate(capacity: 1)
    state.initialize(
      to: CacheState(
        core: CacheCore(
          limits: limits, expiration: expiration, isObserved: onRemoval != nil,
          injectedOrigin: clock?.elapsed)))
    self.measure = measure
    self.clock = clock
    hasClock = clock != nil
    hasFastReadPath = clock == nil && state.pointee.core.aging == nil
    hasFastWritePath =
      clock == nil && share == nil && entryTimeToLive == nil && tags == nil && onRemoval == nil
    self.entryTimeToLive = entryTimeToLive
    tagging = tags
    hasExactTags = exactTags
    earlyRefresh = expiration.earlyRefresh
    staleWhileRevalidate = expiration.staleWhileRevalidate
    staleIfError = expiration.staleIfError
    hasFastLoadPath = expiration.earlyRefresh == 0 && !expiration.keepsStaleEntries
    loading?.validate()
    customLoading = loading.map(SharedLoadPolicy.init)
    self.share = share
    self.isTurnedOff = isTurnedOff
    listener = onRemoval
  }

  deinit {
    state.pointee.releaseLoading()
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// What a key and a value own on the heap, in bytes.
  @inlinable @inline(__always)
  func size(_ key: Key, _ value: Value) -> Int { measure?(key, value) ?? 0 }

  /// What an injected clock says, asked before the lock is taken; `nil` if there is none.
  @inlinable @inline(__always)
  var injectedReading: Duration? { hasClock ? readClock() : nil }

  @usableFromInline
  @inline(never)
  func readClock() -> Duration? { clock?.elapsed }
}
