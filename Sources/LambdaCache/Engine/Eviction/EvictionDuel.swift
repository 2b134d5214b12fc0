/// Three shadows of a cache, one in each mode, and the rule by which the cache changes its mode.
///
/// Each shadow sees the same sample of the keys, one in a power of two, and holds as many bytes as
/// the cache itself holds of that sample. So what they hit can be compared, whatever the sizes of
/// the sampled keys are. The sample is halved when a shadow is full, and doubled when the largest
/// has become small.
struct EvictionDuel {
  /// Evidence that is lost with each look-up of the sample: a mode has to be better by more.
  private static let drift = 0.0025
  /// The most that a hit counts for where they differ in worth, in hits of average worth.
  private static let mostWorth = 4.0
  private static let leastEvidence = 4.0
  private static let leastCapacity = 16
  private static let shadowCount = EvictionMode.allCases.count

  private let shadows: UnsafeMutablePointer<ShadowCache>
  private let capacity: Int
  private let preference: EvictionPolicy.Preference
  /// Hits that a change costs, for each entry of a shadow.
  ///
  /// The new mode first has to learn which entries are worth keeping. Where hits differ in worth,
  /// more is due to chance.
  private let costOfChange: Double
  /// Binary digits at the end of a hash that are 0 in the sample.
  private(set) var sampleBits = SampleSizes.leastBits
  /// The mode that is best as far as is known.
  private(set) var mode: EvictionMode
  /// By how many hits each mode was better than the present one lately.
  private var evidence = (0.0, 0.0, 0.0)
  /// What hits were worth on average lately; 0 before the first, and where all are alike.
  private var averageWorth = 0.0
  /// What the present look-up has hit, by mode.
  private var isHit = (false, false, false)

  /// - Parameters:
  ///   - mode: The mode to begin with.
  ///   - preference: What a hit counts as.
  ///   - capacity: The most entries of a shadow.
  init(mode: EvictionMode, preference: EvictionPolicy.Preference, capacity: Int) {
    self.mode = mode
    self.preference = preference
    costOfChange = preference == .hits ? 0.25 : 0.5
    self.capacity = capacity
    shadows = .allocate(capacity: Self.shadowCount)
    for mode in EvictionMode.allCases {
      (shadows + mode.rawValue).initialize(to: ShadowCache(mode: mode, capacity: capacity))
    }
  }

  /// The entries that shadows may have if they take at most so many bytes; 0 if that is too little.
  static func capacity(forByteCount byteCount: Int) -> Int {
    var capacity = ShadowCache.largestCapacity
    while capacity >= leastCapacity {
      if Self.byteCount(forCapacity: capacity) <= byteCount { return capacity }
      capacity /= 2
    }
    return 0
  }

  private static func byteCount(forCapacity capacity: Int) -> Int {
    ShadowCache.byteCount(ofThreeWithCapacity: capacity)
      + Allocator.allocationByteCount(
        forRequest: shadowCount * MemoryLayout<ShadowCache>.stride)
  }

  /// Bytes of the smallest shadows.
  static let leastByteCount = byteCount(forCapacity: leastCapacity)

  /// Bytes in use.
  var byteCount: Int { Self.byteCount(forCapacity: capacity) }

  /// Gives the memory back.
  mutating func release() {
    for number in 0..<Self.shadowCount { shadows[number].release() }
    shadows.deallocate()
  }

  /// The bits of a hash that are 0 in the sample.
  var sampleMask: UInt32 { 1 << UInt32(sampleBits) - 1 }

  /// See ``ShadowCache/coldestHash``.
  var coldestHash: UInt32 { shadows[EvictionMode.leastRecentlyUsed.rawValue].coldestHash }

  /// The shadow of a mode, for checks.
  func shadow(of mode: EvictionMode) -> ShadowCache { shadows[mode.rawValue] }

  /// Notes the look-up of a key of the sample.
  ///
  /// - Parameters:
  ///   - hash: The key's hash.
  ///   - size: The size of its entry in bytes; `nil` if the cache has none.
  ///   - cost: The load time of its entry.
  ///   - limit: The bytes that the cache holds of the sample.
  ///   - counts: The counters of hits.
  ///   - mayChange: Whether the cache is full: before, nothing is learnt from hits.
  mutating func noteLookUp(
    _ hash: UInt32, size: UInt32?, cost: LoadCost, limit: Int, counts: inout EvictionCounts,
    mayChange: Bool
  ) {
    isHit.0 = access(hash, size: size, cost, in: .leastRecentlyUsed, limit: limit)
    isHit.1 = access(hash, size: size, cost, in: .useCounts, limit: limit)
    isHit.2 = access(hash, size: size, cost, in: .useCountsAndSizes, limit: limit)
    adjustSample(limit: limit)
    guard mayChange else { return }
    counts.lookUps &+= 1
    if isHit.0 { counts.hits.0 &+= 1 }
    if isHit.1 { counts.hits.1 &+= 1 }
    if isHit.2 { counts.hits.2 &+= 1 }
    if value(of: isHit, mode) { counts.adaptiveHits &+= 1 }
    let worth = preference == .hits ? 1 : worth(ofHitting: hash)
    guard isHit.0 != isHit.1 || isHit.1 != isHit.2 || evidence != (0, 0, 0) else { return }
    compare(&counts, worth: worth)
  }

  /// What the hit of a key counts as, in hits of average worth.
  private mutating func worth(ofHitting hash: UInt32) -> Double {
    let mode: EvictionMode =
      isHit.0 ? .leastRecentlyUsed : isHit.1 ? .useCounts : .useCountsAndSizes
    guard let (size, cost) = shadows[mode.rawValue].sizeAndCost(of: hash) else { return 0 }
    let worth = preference == .bytes ? Double(size) : cost.microseconds
    averageWorth = averageWorth == 0 ? worth : averageWorth + (worth - averageWorth) / 256
    return min(worth / averageWorth, Self.mostWorth)
  }

  private mutating func access(
    _ hash: UInt32, size: UInt32?, _ cost: LoadCost, in mode: EvictionMode, limit: Int
  ) -> Bool {
    let shadow = shadows + mode.rawValue
    shadow.pointee.limit = max(limit, Int(size ?? 0))
    if shadow.pointee.access(hash) { return true }
    if let size { shadow.pointee.insert(hash, size: size, cost: cost) }
    return false
  }

  /// CUSUM (Page, 1954): changes the mode when another was better by as many hits as the change
  /// costs.
  private mutating func compare(_ counts: inout EvictionCounts, worth: Double) {
    let isHitNow = value(of: isHit, mode)
    let threshold =
      costOfChange * Double(shadows[EvictionMode.leastRecentlyUsed.rawValue].count)
      + Self.leastEvidence
    var best = mode
    var most = threshold
    func add(_ isHit: Bool, to evidence: inout Double, _ other: EvictionMode) {
      guard other != mode else { return }
      let gain = (isHit ? worth : 0) - (isHitNow ? worth : 0) - Self.drift
      evidence = max(0, evidence + gain)
      if evidence > most { (best, most) = (other, evidence) }
    }
    add(isHit.0, to: &evidence.0, .leastRecentlyUsed)
    add(isHit.1, to: &evidence.1, .useCounts)
    add(isHit.2, to: &evidence.2, .useCountsAndSizes)
    guard best != mode else { return }
    mode = best
    evidence = (0, 0, 0)
    counts.changes &+= 1
  }

  private func value(of hits: (Bool, Bool, Bool), _ mode: EvictionMode) -> Bool {
    switch mode {
    case .leastRecentlyUsed: hits.0
    case .useCounts: hits.1
    case .useCountsAndSizes: hits.2
    }
  }

  /// Notes that a key of the sample was given a value; that is no look-up.
  mutating func noteWrite(
    _ hash: UInt32, size: UInt32, cost: LoadCost, limit: Int, isUse: Bool
  ) {
    for number in 0..<Self.shadowCount {
      let shadow = shadows + number
      shadow.pointee.limit = max(limit, Int(size))
      if isUse { _ = shadow.pointee.access(hash) }
      shadow.pointee.insert(hash, size: size, cost: cost)
    }
    adjustSample(limit: limit)
  }

  /// Notes that a key of the sample was removed, not evicted.
  mutating func noteRemoval(_ hash: UInt32) {
    for number in 0..<Self.shadowCount { shadows[number].remove(hash) }
  }

  private mutating func adjustSample(limit: Int) {
    var most = 0
    for number in 0..<Self.shadowCount { most = max(most, shadows[number].count) }
    if most == capacity, sampleBits < 31 {
      sampleBits += 1
      for number in 0..<Self.shadowCount {
        shadows[number].removeAll(notMatching: sampleMask)
      }
    } else if most < capacity / 4, sampleBits > SampleSizes.leastBits {
      let shadow = shadows[EvictionMode.leastRecentlyUsed.rawValue]
      if shadow.size * 4 > limit * 3 { sampleBits -= 1 }
    }
  }
}

/// Counters of an adaptive cache, or of one that watches what another policy would hit.
package struct EvictionCounts: Sendable {
  /// Look-ups of the sample while the cache was full.
  package var lookUps = 0
  /// Those among them that each mode would have hit.
  var hits = (0, 0, 0)
  /// Those that an adaptive cache would have hit.
  package var adaptiveHits = 0
  /// Changes of the mode.
  package var changes = 0

  /// Counts look-ups that every mode would have hit.
  mutating func addHits(_ count: Int) {
    lookUps += count
    hits.0 += count
    hits.1 += count
    hits.2 += count
    adaptiveHits += count
  }
}
