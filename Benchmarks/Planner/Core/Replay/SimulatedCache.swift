import LambdaCache

/// The cache whose behavior is predicted.
///
/// It is the library's own engine, with its byte accounting, limits and times to live. Only the
/// values are left out; their sizes are given to it.
///
/// A key is the hash of the real one. Key and value take as many bytes inline as a `String` and a
/// `[UInt8]`, so that a byte limit means what it means in the function.
package typealias SimulatedEngine = UniqueCache<UInt64, InlinePadding>

/// Takes the bytes that a string and an array have inline beyond the eight of a hash.
package struct InlinePadding: Sendable {
  private var words: (UInt64, UInt64) = (0, 0)

  package init() {}
}

/// A clock that is set by the simulation.
///
/// It belongs to one thread.
package final class SimulationClock: CacheClock, @unchecked Sendable {
  package var elapsed: Duration = .zero

  package init() {}
}

/// The rule by which a cache chooses what to keep.
package enum CachePolicy: Sendable, Hashable, CaseIterable {
  case leastRecentlyUsed
  case adaptive

  package var name: String {
    switch self {
    case .leastRecentlyUsed: "LRU"
    case .adaptive: "adaptive"
    }
  }

  /// The library's own.
  var eviction: EvictionPolicy {
    switch self {
    case .leastRecentlyUsed: .leastRecentlyUsed
    case .adaptive: .adaptive
    }
  }
}

/// The limits of a cache that a replay simulates, and its policy.
package struct CacheLimit: Sendable, Hashable {
  package var byteLimit: Int
  package var policy = CachePolicy.leastRecentlyUsed
  package var timeToLiveMilliseconds: Int64?
  package var entryLimit: Int?

  package init(
    byteLimit: Int, timeToLiveMilliseconds: Int64? = nil, entryLimit: Int? = nil,
    policy: CachePolicy = .leastRecentlyUsed
  ) {
    self.byteLimit = byteLimit
    self.policy = policy
    self.timeToLiveMilliseconds = timeToLiveMilliseconds
    self.entryLimit = entryLimit
  }

  /// An empty cache.
  ///
  /// - Parameter clock: What tells the time, if entries expire.
  package func makeEngine(clock: SimulationClock) -> SimulatedEngine {
    SimulatedEngine(
      byteLimit: byteLimit, entryLimit: entryLimit,
      timeToLive: timeToLiveMilliseconds.map { .milliseconds($0) }, policy: policy.eviction,
      heapByteCount: { _, _ in 0 },
      configure: { $0.clock = timeToLiveMilliseconds == nil ? nil : clock })
  }

  /// The limit of a cache that gets a sample of the keys.
  package func scaled(by rate: Double) -> CacheLimit {
    guard rate < 1 else { return self }
    var scaled = self
    scaled.byteLimit = Int(Double(byteLimit) * rate)
    scaled.entryLimit = entryLimit.map { Int(Double($0) * rate) }
    return scaled
  }
}

/// Counts of a replay.
package struct ReplayResult: Sendable, Equatable {
  /// The requests that were replayed.
  package var requests = 0
  package var hits = 0
  /// Entries at the end.
  package var entries = 0
  /// Bytes in use at the most.
  package var peakByteCount = 0
  /// The part of the keys that was replayed.
  package var rate = 1.0
  /// The requests that a sample of this part should have had.
  package var expectedRequests = 0.0

  package init() {}

  /// Hits among all requests, from 0 to 1.
  ///
  /// A sample that has got more of the requests than its part, because a popular key is in it, has
  /// got hits too many, and one that has got fewer lacks hits: the difference is added, as
  /// SHARDS-adj does.
  package var hitRatio: Double {
    guard rate < 1 else { return requests == 0 ? 0 : Double(hits) / Double(requests) }
    guard expectedRequests > 0 else { return 0 }
    let adjusted = Double(hits) + expectedRequests - Double(requests)
    return min(1, max(0, adjusted / expectedRequests))
  }
}
