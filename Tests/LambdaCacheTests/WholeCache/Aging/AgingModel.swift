import LambdaCache

/// The times of entries over a dictionary, without any structure: no queue, no wheel, no
/// ring, no ticks of 48 bits.
///
/// Times are whole milliseconds since the cache was made, as a look sees them (rounded down) or a
/// write (rounded up).
struct AgingModel {
  struct Entry {
    var serial: Int
    /// When it was written, as a look would have seen it.
    var written: Int
    /// When its time to live ends; `nil` for never.
    var deadline: Int?
    /// When it was used last, rounded up.
    var used: Int
  }

  let expiration: Expiration
  let loading: LoadPolicy
  var entries: [Int: Entry] = [:]
  /// Keys, most recently used first.
  var order: [Int] = []
  var hits = 0
  var misses = 0
  var staleHits = 0
  /// When the gaps had ended that operations have seen, and the one that only a look has.
  private var thawEnds: [Int] = []
  private var lookedThaw: Int?
  /// The latest look and the latest write time.
  private(set) var now = 0
  private(set) var ceiling = 0

  /// Longer times are for ever.
  static let longest = 1 << 48

  init(_ expiration: Expiration, _ loading: LoadPolicy) {
    self.expiration = expiration
    self.loading = loading
  }

  var thaws: Int { thawEnds.count }

  static func milliseconds(_ duration: Duration) -> Int {
    if duration <= .zero { return 0 }
    if duration >= .seconds(longest / 1_000) { return longest }
    let (seconds, attoseconds) = duration.components
    return Int(seconds) * 1_000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }

  private var gap: Int {
    switch expiration.afterThaw {
    case .keep: 1_000
    case .revalidate(let gap), .drop(let gap): max(1, AgingModel.milliseconds(gap))
    }
  }

  /// The cache takes a reading, in microseconds.
  mutating func note(_ reading: Int) {
    // Time stands still at the last tick that has a name.
    let last = AgingModel.longest - 1
    let isOver = reading / 1_000_000 >= AgingModel.longest / 1_000
    let look = isOver ? last : reading / 1_000
    if look > now {
      if look - now >= gap {
        thawEnds.append(min(look, last - 1))
      }
      now = look
    }
    ceiling = max(ceiling, isOver ? last : (reading + 999) / 1_000)
  }

  /// The same as a look sees it that changes nothing.
  func noting(_ reading: Int) -> AgingModel {
    var model = self
    model.note(reading)
    if model.thaws > thaws { model.lookedThaw = model.thawEnds.removeLast() }
    return model
  }

  var staleTime: Int {
    let window = max(loading.staleWhileRevalidate, loading.staleIfError)
    return AgingModel.milliseconds(min(window, .seconds(36_525 * 86_400)))
  }

  /// The first milliseconds at which an entry is not fresh, and may not be served; `nil` for never.
  func ends(of entry: Entry) -> (fresh: Int?, kept: Int?) {
    var fresh = [entry.deadline]
    var kept = [entry.deadline.flatMap { named($0 + staleTime) }]
    // A time beyond the representable is for ever: in 8,800 years.
    if let deadline = entry.deadline, named(deadline + staleTime) == nil { fresh = [nil] }
    if let idle = expiration.idleTimeToLive {
      let end = named(entry.used + AgingModel.milliseconds(idle))
      fresh.append(end)
      kept.append(end.map { $0 + staleTime })
    }
    if let thaw = firstThaw(after: entry.written) {
      switch expiration.afterThaw {
      case .keep: break
      case .revalidate: fresh.append(thaw)
      case .drop:
        fresh.append(thaw)
        kept.append(thaw)
      }
    }
    return (fresh.compactMap { $0 }.min(), kept.compactMap { $0 }.min())
  }

  /// When the first gap after a time had ended; of more than sixteen none is known, and it is the
  /// time.
  private func firstThaw(after time: Int) -> Int? {
    let later = thawEnds.filter { $0 > time }
    if later.count > 16 { return time }
    return later.first ?? lookedThaw.flatMap { $0 > time ? $0 : nil }
  }

  /// A time that can be named; `nil` for one that is for ever.
  ///
  /// Ticks begin with 1.
  func named(_ time: Int) -> Int? { time + 1 < AgingModel.longest ? time : nil }

  func isFresh(_ key: Int) -> Bool {
    guard let entry = entries[key] else { return false }
    return ends(of: entry).fresh.map { $0 > now } ?? true
  }

  func isKept(_ key: Int) -> Bool {
    guard let entry = entries[key] else { return false }
    return ends(of: entry).kept.map { $0 > now } ?? true
  }

  mutating func use(_ key: Int) {
    order.removeAll { $0 == key }
    order.insert(key, at: 0)
    entries[key]?.used = min(ceiling, AgingModel.longest - 2)
  }

  mutating func remove(_ key: Int) {
    entries[key] = nil
    order.removeAll { $0 == key }
  }

  /// The lifetimes that an entry may get, with every jitter; `nil` if it does not live at all.
  func lifetimes(_ timeToLive: Duration?) -> ClosedRange<Int>? {
    if let idle = expiration.idleTimeToLive, timeToLive == nil, idle <= .zero { return nil }
    let span =
      (timeToLive ?? expiration.timeToLive).map(AgingModel.milliseconds)
      ?? AgingModel.longest
    guard span > 0 else { return nil }
    guard span < AgingModel.longest else { return span...span }
    let most =
      switch expiration.jitter {
      case .none: 0
      case .fraction(let part): Int((Double(span) * part).rounded(.up))
      case .duration(let duration): AgingModel.milliseconds(duration)
      }
    return max(1, span - most)...span
  }
}
