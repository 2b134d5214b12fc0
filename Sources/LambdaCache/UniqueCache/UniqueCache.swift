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

  @usableFromInline package var core: CacheCore<Key, Value>
  @usableFromInline let hasher = KeyHasher()
  @usableFromInline let size: (Key, Value) -> Int
  @usableFromInline let clock: (any CacheClock)?
  @usableFromInline let listener: RemovalListener?
  /// The part of a ``MemoryBudget`` that the byte limit is, given back after the entries are gone.
  private let share: FixedShare?

  /// Creates a cache whose keys and values know their sizes.
  ///
  /// - Parameters:
  ///   - byteLimit: The most bytes the cache takes, from 0, which keeps it empty.
  ///   - entryLimit: The most entries it holds; `nil` for as many as the bytes allow.
  ///   - entryByteLimit: The most bytes that one key and its value may own on the heap; `nil` for
  ///     as many as the cache.
  ///   - timeToLive: How long an entry lives after it was set; `nil` for ever. Whole milliseconds
  ///     count, rounded up; what is not positive keeps the cache empty.
  ///   - clock: What tells the time; `nil` for the system's clocks.
  ///   - onRemoval: Told of every entry that leaves.
  @inlinable
  public init(
    byteLimit: Int, entryLimit: Int? = nil, entryByteLimit: Int? = nil,
    timeToLive: Duration? = nil, clock: (any CacheClock)? = nil,
    onRemoval: RemovalListener? = nil
  ) where Key: HeapSized, Value: HeapSized {
    self.init(
      byteLimit: byteLimit, entryLimit: entryLimit, entryByteLimit: entryByteLimit,
      timeToLive: timeToLive, clock: clock,
      heapByteCount: { $0.heapByteCount + $1.heapByteCount }, onRemoval: onRemoval)
  }

  /// Creates a cache whose entries are measured by a closure.
  ///
  /// - Parameters:
  ///   - byteLimit: The most bytes the cache takes, from 0, which keeps it empty.
  ///   - entryLimit: The most entries it holds; `nil` for as many as the bytes allow.
  ///   - entryByteLimit: The most bytes that one key and its value may own on the heap; `nil` for
  ///     as many as the cache.
  ///   - timeToLive: How long an entry lives after it was set; `nil` for ever. Whole milliseconds
  ///     count, rounded up; what is not positive keeps the cache empty.
  ///   - clock: What tells the time; `nil` for the system's clocks.
  ///   - heapByteCount: The bytes that a key and its value own outside their inline storage. It
  ///     must not be negative.
  ///   - onRemoval: Told of every entry that leaves.
  @inlinable
  public init(
    byteLimit: Int, entryLimit: Int? = nil, entryByteLimit: Int? = nil,
    timeToLive: Duration? = nil, clock: (any CacheClock)? = nil,
    heapByteCount: @escaping (Key, Value) -> Int, onRemoval: RemovalListener? = nil
  ) {
    self.init(
      limits: CacheLimits(
        byteLimit: byteLimit, entryLimit: entryLimit, entryByteLimit: entryByteLimit),
      timeToLive: timeToLive, clock: clock, share: nil, heapByteCount: heapByteCount,
      onRemoval: onRemoval)
  }

  @usableFromInline
  init(
    limits: CacheLimits, timeToLive: Duration?, clock: (any CacheClock)?, share: FixedShare?,
    heapByteCount: @escaping (Key, Value) -> Int, onRemoval: RemovalListener?
  ) {
    core = CacheCore(
      limits: limits, timeToLive: timeToLive, isObserved: onRemoval != nil,
      injectedOrigin: clock?.elapsed)
    size = heapByteCount
    self.clock = clock
    listener = onRemoval
    self.share = share
  }

  /// The most that ``byteLimit`` may be: what is booked in a ``MemoryBudget``, if there is one.
  var greatestByteLimit: Int { share?.byteLimit ?? .max }

  /// Brings the time of an injected clock in; the system's are read where they are needed.
  @inlinable @inline(__always)
  mutating func noteTime() {
    if !core.time.followsSystem { noteInjectedTime() }
  }

  @usableFromInline
  mutating func noteInjectedTime() {
    if let reading = readClock() { core.time.note(reading) }
  }

  /// What an injected clock says; `nil` if there is none.
  @inlinable @inline(__always)
  var injectedReading: Duration? { core.time.followsSystem ? nil : readClock() }

  // Apart, because asking an optional existential copies it.
  @usableFromInline
  @inline(never)
  func readClock() -> Duration? { clock?.elapsed }

  @inlinable @inline(__always)
  func finish(_ departures: borrowing Departures<Key, Value>) {
    if let listener { departures.notify(listener) }
  }
}
