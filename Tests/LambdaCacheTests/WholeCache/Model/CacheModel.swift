import LambdaCache

/// An entry that has left a cache.
struct Departed: Equatable, Sendable {
  var key: Int
  var serial: Int
  var cause: RemovalCause
}

/// The entries that left during one operation, as far as they are known.
enum Witness {
  /// A listener was called, in this order.
  case told([Departed])
  /// Nobody listened; these are the serial numbers of the values that are still there.
  case remaining(Set<Int>)
}

/// Exact least-recently-used semantics with deadlines, over an array.
///
/// With an adaptive policy it takes the order of entries from the cache, and any may be a victim.
///
/// The model decides what must be there, in which order, and who may be a victim. It does not
/// count the cache's bytes: how many entries the byte limit costs is taken from the cache, and
/// that it keeps the limit and its ledger is what `checkInvariants()` recomputes. Where the limit
/// is so far away that bytes cannot matter, the number of victims is exact.
struct CacheModel {
  struct Entry {
    var key: Int
    var serial: Int
    /// The size of key and value.
    var size: Int
    /// The size of the key that is there: the one that was set last with a value.
    var keySize: Int
    /// Milliseconds since the cache was made, `nil` for never.
    var deadline: Int?
  }

  static var movesPerOperation: Int { 16 }
  static var reclaimsPerOperation: Int { 4 }
  static var leastByteLimitForWheel: Int { 16_384 }
  /// A slot starts at the highest of eight levels at most.
  static var movesPerEntry: Int { 7 }

  let timeToLive: Duration?
  let keyCount: Int
  /// Whether any entry may have to leave for others, and the order is not the model's to know.
  let isAdaptive: Bool
  /// Bytes that a slot takes, deadline included.
  let slotByteCount: Int
  var byteLimit: Int {
    didSet {
      // A wheel may be given back then, and all deadlines queued again.
      let least = CacheModel.leastByteLimitForWheel
      if byteLimit < least, oldValue >= least { noteDisorder() }
    }
  }
  var entryLimit: Int?
  var entryByteLimit: Int?

  /// Most recently used first.
  private(set) var entries: [Entry] = []
  var statistics = CacheStatistics()
  var violations: [String] = []

  /// The latest reading of the clock that the cache has taken, in microseconds.
  private var latest = 0

  // Which expired entry goes first is known from the order in which deadlines came: those in order
  // are queued, the others go into a wheel, which may have to move entries before it finds the
  // first and moves no more than sixteen in one operation. A small cache has no wheel and queues
  // all, in order.
  private var queue: [Int] = []
  private var wheel: [Int] = []
  private var movesAhead = 0
  /// Whether it is not known any more who is in the queue and who in the wheel, because a deadline
  /// may have been scheduled before or after evictions.
  private var isUnordered = false

  init(
    timeToLive: Duration?, keyCount: Int, payloadStride: Int, byteLimit: Int, entryLimit: Int?,
    entryByteLimit: Int?, policy: EvictionPolicy
  ) {
    let keepsLoadTimes = policy == .adaptive(preferring: .time)
    isAdaptive =
      keepsLoadTimes || policy == .adaptive || policy == .adaptive(preferring: .bytes)
    self.timeToLive = timeToLive
    self.keyCount = keyCount
    let ofPolicy = policy == .leastRecentlyUsed ? 0 : keepsLoadTimes ? 2 : 1
    slotByteCount = 16 + payloadStride + 14 + ofPolicy
    self.byteLimit = byteLimit
    self.entryLimit = entryLimit
    self.entryByteLimit = entryByteLimit
  }

  var coldest: Entry? { entries.last }

  /// How long the load of a value took, from a microsecond to a minute; `nil` for one in four,
  /// which were not loaded.
  static func loadTime(ofValue serial: Int) -> Duration? {
    serial % 4 == 0 ? nil : .microseconds(1 << (serial &* 7 % 27))
  }

  func index(of key: Int) -> Int? { entries.firstIndex { $0.key == key } }

  // MARK: Time

  /// The cache takes a reading, in microseconds since it was made.
  mutating func note(_ reading: Int) { latest = max(latest, reading) }

  func isExpired(_ entry: Entry, at reading: Int? = nil) -> Bool {
    guard let deadline = entry.deadline else { return false }
    return deadline <= max(latest, reading ?? 0) / 1_000
  }

  /// - Returns: `nil` if a value would not live at all; else the deadline, `nil` for never.
  func deadline(for timeToLive: Duration?) -> Int?? {
    guard let span = timeToLive ?? self.timeToLive else { return .some(nil) }
    guard span > .zero else { return nil }
    let longest = 1 << 48
    guard span < .milliseconds(longest) else { return .some(nil) }
    let attoseconds = span.components.attoseconds
    let milliseconds =
      Int(span.components.seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
      + (attoseconds % 1_000_000_000_000_000 == 0 ? 0 : 1)
    let deadline = (latest + 999) / 1_000 + milliseconds
    return .some(deadline + 1 < longest ? deadline : nil)
  }

  // MARK: Entries

  mutating func moveToFront(_ index: Int) {
    entries.insert(entries.remove(at: index), at: 0)
  }

  mutating func remove(at index: Int, cause: RemovalCause) -> Departed {
    let entry = entries.remove(at: index)
    unschedule(entry.key)
    statistics.removals[cause] += 1
    return Departed(key: entry.key, serial: entry.serial, cause: cause)
  }

  /// Forgets all deadlines with the last entry.
  mutating func reset() {
    precondition(entries.isEmpty, "entries are left")
    (queue, wheel, movesAhead, isUnordered) = ([], [], 0, false)
  }

  /// The sum of two sizes, at most the largest there is.
  static func sum(_ first: Int, _ second: Int) -> Int {
    let (sum, isTooLarge) = first.addingReportingOverflow(second)
    return isTooLarge ? .max : sum
  }

  mutating func insert(_ entry: Entry) { entries.insert(entry, at: 0) }

  mutating func replace(at index: Int, with entry: Entry) -> Departed {
    let old = entries.remove(at: index)
    unschedule(old.key)
    entries.insert(entry, at: 0)
    schedule(entry)
    statistics.removals.replaced += 1
    return Departed(key: old.key, serial: old.serial, cause: .replaced)
  }

  /// Puts the entries in the order of their serial numbers in a list.
  mutating func adoptOrder(of serials: [Int]) {
    let places = Dictionary(uniqueKeysWithValues: serials.enumerated().map { ($1, $0) })
    entries.sort { places[$0.serial, default: .max] < places[$1.serial, default: .max] }
  }

  // MARK: Deadlines

  mutating func schedule(_ entry: Entry) {
    guard let deadline = entry.deadline else { return }
    if queue.isEmpty, wheel.isEmpty { isUnordered = false }
    if goesToQueue(deadline) {
      let later = queue.firstIndex { key in
        index(of: key).flatMap { entries[$0].deadline } ?? 0 > deadline
      }
      queue.insert(entry.key, at: later ?? queue.count)
    } else {
      wheel.append(entry.key)
      movesAhead += CacheModel.movesPerEntry
    }
  }

  func goesToQueue(_ deadline: Int) -> Bool {
    guard byteLimit >= CacheModel.leastByteLimitForWheel else { return true }
    guard let last = queue.last, let index = index(of: last) else { return true }
    return deadline >= entries[index].deadline ?? 0
  }

  private mutating func unschedule(_ key: Int) {
    queue.removeAll { $0 == key }
    wheel.removeAll { $0 == key }
    movesAhead = min(movesAhead, wheel.count * CacheModel.movesPerEntry)
  }

  mutating func noteDisorder() {
    isUnordered = true
    movesAhead = entries.count * CacheModel.movesPerEntry
  }

  /// The expired entries of which one may be the next to be reclaimed.
  private var nextExpired: [Int] {
    let due = entries.indices.filter { isExpired(entries[$0]) }
    if isUnordered { return due }
    if let first = queue.first, let index = due.first(where: { entries[$0].key == first }) {
      return [index]
    }
    // The wheel has no order among those whose time has come.
    return due.filter { wheel.contains(entries[$0].key) }
  }

  private var wheelMayFail: Bool { movesAhead >= CacheModel.movesPerOperation }

  /// Follows the cache through as many evictions as there were.
  ///
  /// - Parameters:
  ///   - witness: What is known of them; what is explained is taken off.
  ///   - protected: A key that may not go.
  /// - Returns: The number of victims.
  mutating func evict(_ witness: inout Witness, protected: Int? = nil) -> Int {
    var victims = 0
    while let victim = nextVictim(&witness, protected: protected) {
      if victim.cause == .size, !nextExpired.isEmpty { movesAhead -= CacheModel.movesPerOperation }
      _ = remove(at: victim.index, cause: victim.cause)
      victims += 1
    }
    return victims
  }

  private mutating func nextVictim(
    _ witness: inout Witness, protected: Int?
  ) -> (index: Int, cause: RemovalCause)? {
    let expired = nextExpired
    var allowed = expired.map { (index: $0, cause: RemovalCause.expired) }
    if expired.isEmpty || wheelMayFail {
      for index in isAdaptive ? Array(entries.indices.reversed()) : [entries.indices.last ?? -1]
      where index >= 0 && entries[index].key != protected {
        allowed.append((index, .size))
      }
    }
    switch witness {
    case .told(let departed):
      guard let next = departed.first else { return nil }
      witness = .told(Array(departed.dropFirst()))
      if let victim = allowed.first(where: { candidate in
        entries[candidate.index].key == next.key && entries[candidate.index].serial == next.serial
          && candidate.cause == next.cause
      }) {
        return victim
      }
      let names = allowed.map { "\(entries[$0.index].key) \($0.cause)" }
      violations.append("\(next) left; allowed were \(names)")
      return nil
    case .remaining(let serials):
      return allowed.first { !serials.contains(entries[$0.index].serial) }
    }
  }

  /// Follows the cache through the expired entries that an operation reclaims.
  ///
  /// Without a listener it is unknown which of the entries that left were reclaimed; the entry of
  /// the key in question counts last, since the operation itself would have removed it as expired.
  mutating func reclaim(_ witness: inout Witness, sparing key: Int? = nil) {
    let aheadAtFirst = movesAhead
    let mayFail = wheelMayFail
    for _ in 0..<CacheModel.reclaimsPerOperation {
      let expired = nextExpired
      if expired.isEmpty { return }
      let gone: Int?
      switch witness {
      case .told(let departed):
        gone = expired.first { index in
          departed.first
            == Departed(key: entries[index].key, serial: entries[index].serial, cause: .expired)
        }
        if gone != nil { witness = .told(Array(departed.dropFirst())) }
      case .remaining(let serials):
        let left = expired.filter { !serials.contains(entries[$0].serial) }
        gone = left.first { entries[$0].key != key } ?? left.first
      }
      guard let gone else {
        if !mayFail {
          violations.append("expired keys \(expired.map { entries[$0].key }) were not reclaimed")
        }
        // Some of the moves may have been those of entries that have just left.
        movesAhead = min(
          aheadAtFirst - CacheModel.movesPerOperation, wheel.count * CacheModel.movesPerEntry)
        return
      }
      _ = remove(at: gone, cause: .expired)
    }
  }
}
