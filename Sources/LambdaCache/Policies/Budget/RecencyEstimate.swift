/// An estimate of how long a member's entries have not been used, without any work on a hit.
///
/// The coldest bytes of all caches should go first, but nothing in a slot records its last use.
/// Available are counters that a cache keeps anyway, and the entry at the cold end of its ring. An
/// entry travels from the hot end to the cold one while as many *different* entries are touched as
/// the cache holds. So the coldest entry is as old as the time in which that many were touched,
/// which a short history of the touches gives. Every write touches another entry. Hits may go to
/// the same few again and again; they count as touches when they are seen to reach the cold end,
/// where another entry lies than at the last sample although none was removed, or when there were
/// so many that they may have gone all the way round.
///
/// Time is counted in touches too, of all caches together: entries that are touched later are
/// hotter, and a frozen environment makes nothing colder. A cache that is not touched grows older
/// with each touch of another one, however much it was touched before.
struct RecencyEstimate {
  private var last = BudgetSample()
  private var history = TouchHistory()
  /// Look-ups that found a value and values set, old ones counting less.
  private(set) var requests = 0.0
  /// Those between the last two samples.
  private(set) var freshRequests = 0.0
  private(set) var count = 0

  /// The part of hits that counts when entries were removed as well, and the cold end shows
  /// nothing: between the extremes for Zipf's law and for uniform use (Che, Tung and Wang's
  /// approximation of an LRU, 2002).
  private static let uncertainPart = 0.125

  /// About the number of requests of all caches after which earlier ones hardly count: enough to
  /// measure a few percent, and no more, so that requests of a time that is over do not count for
  /// long.
  private static let requestMemory = 4096.0

  /// Takes a sample.
  ///
  /// - Returns: The touches since the last one.
  mutating func note(_ sample: BudgetSample) -> Double {
    // Samples of two threads may arrive in another order than they were taken.
    guard sample.writes >= last.writes, sample.hits >= last.hits else {
      freshRequests = 0
      return 0
    }
    let hits = Double(sample.hits - last.hits)
    let isSame = sample.coldest == last.coldest
    let part =
      if sample.hits - last.hits >= sample.count || (!isSame && sample.removals == last.removals) {
        1.0
      } else {
        isSame ? 0 : Self.uncertainPart
      }
    let fresh = Double(sample.writes - last.writes) + hits * part
    freshRequests = Double(sample.writes - last.writes) + hits
    last = sample
    count = sample.count
    return fresh
  }

  /// Adds the touches that were noted of all caches, and lets old requests fade.
  ///
  /// - Parameters:
  ///   - fresh: The result of ``note(_:)``.
  ///   - before: The touches of all caches until the last sample.
  ///   - now: Those until this one.
  ///   - allRequests: The requests of all caches between the two.
  mutating func add(_ fresh: Double, before: Double, now: Double, allRequests: Double) {
    history.add(fresh, before: before, now: now)
    history.forget(allBut: Double(count))
    requests = (requests + freshRequests) / (1 + allRequests / Self.requestMemory)
  }

  /// The touches of all caches since the coldest entry was touched; none if there is no entry.
  func age(now: Double) -> Double {
    count == 0 ? 0 : max(0, now - history.time(ofTouch: Double(count)))
  }

  /// The touches of all caches since any entry was.
  func idleTime(now: Double) -> Double {
    count == 0 ? 0 : max(0, now - history.lastTime)
  }
}

/// The times at which a cache was touched: points between which its touches are taken to be evenly
/// spread.
///
/// The more recent points are, the closer together they are, so that any age is about equally
/// exact.
private struct TouchHistory {
  private struct Point {
    /// The touches of all caches.
    var time: Double
    /// Those of this one.
    var touches: Double
  }

  private static let longest = 24
  private var points: [Point] = []

  var lastTime: Double { points.last?.time ?? 0 }

  mutating func add(_ fresh: Double, before: Double, now: Double) {
    guard let last = points.last else {
      points = [Point(time: before, touches: 0), Point(time: now, touches: fresh)]
      return
    }
    guard fresh > 0 else { return }
    // No entry was touched until the last sample.
    if before > last.time { points.append(Point(time: before, touches: last.touches)) }
    points.append(Point(time: now, touches: last.touches + fresh))
    while points.count > Self.longest { removeLeastMissed() }
  }

  /// Forgets everything older than the oldest of so many latest touches.
  mutating func forget(allBut count: Double) {
    guard let last = points.last else { return }
    let needed = points.lastIndex { $0.touches <= last.touches - count } ?? 0
    if needed > 0 { points.removeFirst(needed) }
  }

  /// The time at which there had been so many touches fewer than now.
  func time(ofTouch count: Double) -> Double {
    guard let last = points.last, let first = points.first else { return 0 }
    let touches = last.touches - count
    guard let upper = points.firstIndex(where: { $0.touches > touches }) else { return last.time }
    guard upper > 0 else { return first.time }
    let (from, to) = (points[upper - 1], points[upper])
    return from.time + (to.time - from.time) * (touches - from.touches)
      / (to.touches - from.touches)
  }

  private mutating func removeLeastMissed() {
    let now = lastTime
    func gap(_ place: Int) -> Double {
      let from = points[place - 1].time
      return (points[place + 1].time - from) / max(now - from, 1)
    }
    guard let place = (1..<points.count - 1).min(by: { gap($0) < gap($1) }) else { return }
    points.remove(at: place)
  }
}
