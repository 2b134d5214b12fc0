/// The settings of one cache that have variables.
package struct CacheSettings: Hashable, Sendable {
  /// How often a summary of what the cache did is written.
  package enum MetricsInterval: Hashable, Sendable {
    /// Never.
    case off

    /// Once for this many invocations; at least one.
    case invocations(Int)
  }

  /// Whether the cache keeps anything at all.
  package var isEnabled: Bool

  /// The memory that the cache may use.
  package var size: MemorySize

  /// The size that other caches never push this one below, or `nil` for none.
  ///
  /// If all minimums together are more than there is, each is cut by the same part.
  package var minimumSize: MemorySize?

  /// The size that the cache never grows above, or `nil` for the whole budget.
  ///
  /// A ``size`` other than ``MemorySize/automatic`` is a maximum as well.
  package var maximumSize: MemorySize?

  /// How much a byte of the cache is worth beside one of another cache, from 0.01 to 100.
  package var weight: Double

  /// The weights that are accepted.
  package static let weights: ClosedRange<Double> = 0.01...100

  /// The largest number of entries, or `nil` for no limit besides memory.
  package var entryLimit: Int?

  /// The largest size of one entry in bytes, or `nil` for no limit besides the cache's own.
  package var entryByteLimit: Int?

  /// How long an entry may be served after it was written, or `nil` for as long as it is kept.
  package var timeToLive: Duration?

  /// How long an entry may go unread before it is dropped, or `nil` for as long as it is kept.
  package var idleTimeToLive: Duration?

  /// By how much a lifetime is shortened at random.
  ///
  /// It keeps entries that were written together from expiring together.
  package var timeToLiveJitter: Expiration.Jitter

  /// How long it is remembered that a key has no value, or `nil` for not at all.
  package var negativeTimeToLive: Duration?

  /// How long after its expiry a value may be served while it is loaded again, or `nil` for never.
  package var staleWhileRevalidate: Duration?

  /// How long after its expiry a value may be served because loading failed, or `nil` for never.
  package var staleIfError: Duration?

  /// How often a summary is written.
  package var metrics: MetricsInterval

  /// Which entries leave when the cache is full.
  package var policy = EvictionPolicy.leastRecentlyUsed

  /// The part of the keys whose look-ups are logged, in percent.
  package var loggedPercent = 0.0

  /// Creates settings; every one has the default that also holds for an empty environment.
  ///
  /// - Parameters:
  ///   - isEnabled: Whether the cache keeps anything at all.
  ///   - size: The memory that the cache may use.
  ///   - minimumSize: The size that other caches never push this one below.
  ///   - maximumSize: The size that the cache never grows above.
  ///   - weight: How much a byte is worth beside one of another cache, from 0.01 to 100.
  ///   - entryLimit: The largest number of entries; at least one.
  ///   - entryByteLimit: The largest size of one entry in bytes; not negative.
  ///   - timeToLive: How long an entry may be served after it was written; above zero.
  ///   - idleTimeToLive: How long an entry may go unread before it is dropped; above zero.
  ///   - timeToLiveJitter: By how much a lifetime is shortened at random.
  ///   - negativeTimeToLive: How long it is remembered that a key has no value; above zero.
  ///   - staleWhileRevalidate: How long a stale value may be served while it is loaded again.
  ///   - staleIfError: How long a stale value may be served because loading failed.
  ///   - metrics: How often a summary is written.
  package init(
    isEnabled: Bool = true,
    size: MemorySize = .automatic,
    minimumSize: MemorySize? = nil,
    maximumSize: MemorySize? = nil,
    weight: Double = 1,
    entryLimit: Int? = nil,
    entryByteLimit: Int? = nil,
    timeToLive: Duration? = nil,
    idleTimeToLive: Duration? = nil,
    timeToLiveJitter: Expiration.Jitter = .none,
    negativeTimeToLive: Duration? = nil,
    staleWhileRevalidate: Duration? = nil,
    staleIfError: Duration? = nil,
    metrics: MetricsInterval = .off
  ) {
    self.isEnabled = isEnabled
    self.size = size
    self.minimumSize = minimumSize
    self.maximumSize = maximumSize
    self.weight = weight
    self.entryLimit = entryLimit
    self.entryByteLimit = entryByteLimit
    self.timeToLive = timeToLive
    self.idleTimeToLive = idleTimeToLive
    self.timeToLiveJitter = timeToLiveJitter
    self.negativeTimeToLive = negativeTimeToLive
    self.staleWhileRevalidate = staleWhileRevalidate
    self.staleIfError = staleIfError
    self.metrics = metrics
  }
}

extension CacheSettings {
  /// Traps if a value is out of range, naming it.
  ///
  /// Settings read from the environment are in range; these are mistakes in a program.
  package func validate() {
    for (name, size) in [
      ("size", size), ("minimumSize", minimumSize), ("maximumSize", maximumSize),
    ] {
      switch size {
      case .automatic, nil: break
      case .bytes(let byteCount): requireArgument(byteCount >= 0, "\(name) must not be negative")
      case .percent(let percent):
        requireArgument((0...100).contains(percent), "\(name) must be from 0 to 100 percent")
      }
    }
    requireArgument(Self.weights.contains(weight), "weight must be from 0.01 to 100")
    requireArgument(entryLimit ?? 1 >= 1, "entryLimit must be at least 1")
    requireArgument(entryByteLimit ?? 0 >= 0, "entryByteLimit must not be negative")
    timeToLiveJitter.validate()
    if case .invocations(let count) = metrics {
      requireArgument(count >= 1, "metrics must be written once for at least 1 invocation")
    }
    let durations = [
      ("timeToLive", timeToLive), ("idleTimeToLive", idleTimeToLive),
      ("negativeTimeToLive", negativeTimeToLive), ("staleWhileRevalidate", staleWhileRevalidate),
      ("staleIfError", staleIfError),
    ]
    for (name, duration) in durations {
      requireArgument(duration ?? .seconds(1) > .zero, "\(name) must be above zero")
    }
  }
}
