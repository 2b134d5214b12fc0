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
  @usableFromInline package var core: CacheCore<Key, Value>
  @usableFromInline let hasher = KeyHasher()
  /// `nil` for entries that own nothing on the heap.
  @usableFromInline let measure: ((Key, Value) -> Int)?
  @usableFromInline let clock: (any CacheClock)?
  /// Whether a look-up may go the short way: by the clocks of the system, and with nothing to note
  /// but the order of use.
  @usableFromInline let hasFastReadPath: Bool
  /// Whether a look-up in a cache with a policy may go the short way but for that.
  @usableFromInline let hasFastPolicyReadPath: Bool
  /// Whether a look-up in a cache that keeps times may go the short way while all is fresh.
  @usableFromInline let hasFreshReadPath: Bool
  @usableFromInline let entryTimeToLive: ((Key, Value) -> Duration?)?
  @usableFromInline let listener: ((Key, Value, RemovalCause) -> Void)?
  /// The part of a ``MemoryBudget`` that the byte limit is, given back after the entries are gone.
  let share: FixedShare?
  /// Whether inserted bytes are reported to the guard of a budget.
  @usableFromInline let isGuarded: Bool
  /// Inserted bytes that are not reported yet.
  var unreportedByteCount = 0
  /// Whether the environment has turned it off: then it holds nothing, whatever the program wants.
  let isTurnedOff: Bool
  /// The settings that nothing else keeps, and where they come from; `nil` for defaults.
  let record: SettingsRecord?
  /// The settings that the program has changed since the cache was made.
  var changedSettings: ChangedSettings = []
  /// Whether the log has a line about the first value that was rejected.
  @usableFromInline var reportedRejections = ReportedRejections()

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
