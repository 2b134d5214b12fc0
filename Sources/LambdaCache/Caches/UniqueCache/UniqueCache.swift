/// A cache with one owner and no lock: bounded by bytes and entries, least recently used first out.
///
/// It is the engine of ``Cache`` without the sharing, for code that already runs one at a time. It
/// cannot be copied; pass it `inout` or keep it in an actor or behind a lock of your own.
///
/// ```swift
/// var cache = UniqueCache<String, Int>(byteLimit: 1 << 20)
/// cache["answer"] = 42
/// print(cache.value(forKey: "answer") ?? 0)
/// ```
///
/// Every byte counts: slots, index, deadlines, and what keys and values own on the heap. Look-ups,
/// insertions and removals take expected constant time.
public struct UniqueCache<Key: Hashable, Value>: ~Copyable {
  /// Called with key, value and cause of every entry that leaves, at the end of the operation that
  /// removed it.
  public typealias RemovalListener = (Key, Value, RemovalCause) -> Void

  /// How long an entry with a key and a value lives; `nil` for the cache's own time to live.
  public typealias EntryTimeToLive = (Key, Value) -> Duration?

  @usableFromInline package var core: CacheCore<Key, Value>
  @usableFromInline let hasher = KeyHasher()
  /// `nil` for entries that own nothing on the heap.
  @usableFromInline let measure: ((Key, Value) -> Int)?
  @usableFromInline let clock: (any CacheClock)?
  /// Whether a look-up may go the short way: by the clocks of the system, and with nothing to note
  /// but the order of use.
  @usableFromInline let hasFastReadPath: Bool
  @usableFromInline let entryTimeToLive: EntryTimeToLive?
  @usableFromInline let listener: RemovalListener?
  /// The part of a ``MemoryBudget`` that the byte limit is, given back after the entries are gone.
  let share: FixedShare?
  /// Whether inserted bytes are reported to the guard of a budget.
  @usableFromInline let isGuarded: Bool
  /// Inserted bytes that are not reported yet.
  var unreportedByteCount = 0
  /// Whether the environment has turned it off: then it holds nothing, whatever the program wants.
  private let isTurnedOff: Bool

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
  ///   - clock: What tells the time; `nil` for the system's clocks.
  ///   - onRemoval: Told of every entry that leaves.
  ///   - entryTimeToLive: How long an entry with this key and value lives, asked before it is set,
  ///     outside of any lock, if the call says nothing; `nil` for the cache's time to live.
  @inlinable
  public init(
    byteLimit: Int, entryLimit: Int? = nil, entryByteLimit: Int? = nil,
    timeToLive: Duration? = nil, expiration: Expiration = Expiration(),
    clock: (any CacheClock)? = nil,
    onRemoval: RemovalListener? = nil, entryTimeToLive: EntryTimeToLive? = nil
  ) where Key: HeapSized, Value: HeapSized {
    self.init(
      limits: CacheLimits(
        byteLimit: byteLimit, entryLimit: entryLimit, entryByteLimit: entryByteLimit),
      expiration: expiration.replacing(timeToLive: timeToLive),
      clock: clock, share: nil, measure: CacheEntry<Key, Value>.measure, onRemoval: onRemoval,
      entryTimeToLive: entryTimeToLive)
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
  ///   - clock: What tells the time; `nil` for the system's clocks.
  ///   - heapByteCount: The bytes that a key and its value own outside their inline storage. It
  ///     must not be negative.
  ///   - onRemoval: Told of every entry that leaves.
  ///   - entryTimeToLive: How long an entry with this key and value lives, asked before it is set,
  ///     outside of any lock, if the call says nothing; `nil` for the cache's time to live.
  @inlinable
  public init(
    byteLimit: Int, entryLimit: Int? = nil, entryByteLimit: Int? = nil,
    timeToLive: Duration? = nil, expiration: Expiration = Expiration(),
    clock: (any CacheClock)? = nil,
    heapByteCount: @escaping (Key, Value) -> Int, onRemoval: RemovalListener? = nil,
    entryTimeToLive: EntryTimeToLive? = nil
  ) {
    self.init(
      limits: CacheLimits(
        byteLimit: byteLimit, entryLimit: entryLimit, entryByteLimit: entryByteLimit),
      expiration: expiration.replacing(timeToLive: timeToLive),
      clock: clock, share: nil, measure: heapByteCount, onRemoval: onRemoval,
      entryTimeToLive: entryTimeToLive)
  }

  @usableFromInline
  init(
    limits: CacheLimits, expiration: Expiration,
    clock: (any CacheClock)?, share: FixedShare?, isTurnedOff: Bool = false,
    measure: ((Key, Value) -> Int)?, onRemoval: RemovalListener?,
    entryTimeToLive: EntryTimeToLive?
  ) {
    let engine = CacheCore<Key, Value>(
      limits: limits, expiration: expiration, isObserved: onRemoval != nil,
      injectedOrigin: clock?.elapsed)
    // Asked before `self` has any field: an autoclosure over a part of it that is initialized
    // already is miscompiled (Swift 6.3.1), and a closure is released once too often.
    let hasFastReadPathInEngine = engine.time.followsSystem ? engine.aging == nil : false
    core = engine
    self.measure = measure
    self.clock = clock
    hasFastReadPath = hasFastReadPathInEngine
    self.entryTimeToLive = entryTimeToLive
    listener = onRemoval
    self.share = share
    isGuarded = share.map(\.isGuarded) ?? false
    self.isTurnedOff = isTurnedOff
  }

  /// The most that ``byteLimit`` may be: what is booked in a ``MemoryBudget``, if there is one.
  var greatestByteLimit: Int { isTurnedOff ? 0 : share?.byteLimit ?? .max }

  /// Notes the time of an injected clock; the system's clocks are read where they are needed.
  @inlinable @inline(__always)
  mutating func noteTime() {
    if !core.time.followsSystem { noteInjectedTime() }
  }

  @usableFromInline
  mutating func noteInjectedTime() {
    if let reading = readClock() { core.time.note(reading) }
  }

  /// The time of an injected clock; `nil` if there is none.
  @inlinable @inline(__always)
  var injectedReading: Duration? { core.time.followsSystem ? nil : readClock() }

  // Apart, because asking an optional existential copies it.
  @usableFromInline
  @inline(never)
  func readClock() -> Duration? { clock?.elapsed }

  @inlinable @inline(__always)
  func finish(_ removedEntries: borrowing RemovedEntries<Key, Value>) {
    if let listener { removedEntries.report(to: listener) }
  }
}
