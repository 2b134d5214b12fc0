/// The state of a key in a cache, or the last event of it: see ``Cache/explain(_:)``.
package enum LookupExplanation: Sendable, Hashable, CustomStringConvertible {
  /// There is a fresh value, and how long it stays fresh if it is not used; `nil` for ever.
  case fresh(remaining: Duration?)
  /// There is a value that has expired and is kept for read-through; see ``Expiration``.
  case stale(for: Duration)
  /// There is no fresh value, and a load of it is under way.
  case loading
  /// The last load has failed, and the key is not loaded again for some time; see ``LoadPolicy``.
  case backingOff(LoadErrorClass, failures: Int, remaining: Duration)
  /// The last load has failed.
  case loadFailed(ago: Duration)
  /// The value had lived for its time.
  case expired(ago: Duration)
  /// The value was evicted, for the cache's limits (`size`) or because memory ran short
  /// (`pressure`).
  case evicted(cause: RemovalCause, ago: Duration)
  /// The value was removed by the program.
  case removed(ago: Duration)
  /// A value was not taken in: it was too large, or had no time to live; see
  /// ``InsertionOutcome/rejected``.
  case rejected(ago: Duration)
  /// Nothing is known of the key: it was never there, or more keys than ``Cache/missLogCapacity``
  /// have left since.
  case unknown

  /// The explanation in words.
  package var description: String {
    switch self {
    case .fresh(let remaining?): "fresh for another \(remaining)"
    case .fresh(nil): "fresh, and does not expire"
    case .stale(let duration): "expired \(duration) ago, and kept for read-through"
    case .loading: "not there, but being loaded"
    case .backingOff(let kind, let failures, let remaining):
      "not there: \(failures) load(s) in a row have failed, the last with an error of the class "
        + "\(kind), and the next may begin in \(remaining)"
    case .loadFailed(let ago): "not there: its load has failed \(ago) ago"
    case .expired(let ago): "not there: expired \(ago) ago"
    case .evicted(.pressure, let ago): "not there: evicted \(ago) ago because memory ran short"
    case .evicted(_, let ago): "not there: evicted \(ago) ago to keep within the limits"
    case .removed(let ago): "not there: removed \(ago) ago"
    case .rejected(let ago): "not there: a value was rejected \(ago) ago"
    case .unknown: "not there, and nothing is known of it"
    }
  }
}

extension Cache {
  /// How many keys that have left, or were not taken in, the cache remembers for ``explain(_:)``; 0
  /// by default.
  ///
  /// Setting it forgets what was remembered. It is rounded up to a power of two, takes 16 bytes for
  /// each key, which count in ``byteCount``, and a little time for each removal; a hit takes as
  /// long as without. A log that would take more than an eighth of the cache's limit is made
  /// smaller.
  ///
  /// - Precondition: Not negative.
  public var missLogCapacity: Int {
    get { readState { $0.core.auxiliary?.missLog?.capacity ?? 0 } }
    set {
      requireArgument(newValue >= 0, "the capacity of a cache's miss log is negative: \(newValue)")
      withState { state, removedEntries in
        state.core.auxiliary?.missLog = nil
        _ = state.chargeAuxiliaryBytes(&removedEntries)
        let most = state.core.limits.byteLimit / 8 / 16
        guard newValue > 0, most > 1 else { return }
        // Halved, so that rounding up stays below.
        state.core.openAuxiliary().missLog = MissLog(
          capacity: min(newValue, max(1, most / 2), 1 << 24))
        if !state.chargeAuxiliaryBytes(&removedEntries) { state.core.auxiliary?.missLog = nil }
      }
    }
  }

  /// Why a look-up of a key would find what it finds, or finds nothing, as text for people.
  ///
  /// It is for people who wonder about a hit ratio, and changes nothing. Of keys that are not there
  /// it knows something only if ``missLogCapacity`` was set before they left.
  ///
  /// - Parameter key: The key.
  /// - Returns: One line: what there is, or the last that became of it.
  /// - Complexity: O(1) expected: one hash.
  public func explain(_ key: Key) -> String { explanation(of: key).description }

  /// ``explain(_:)``, as a value.
  package func explanation(of key: Key) -> LookupExplanation {
    let hash = hasher.hash(key)
    let reading = injectedReading
    return withState { state, _ in
      let now = state.core.time.now()
      let found = state.core.peek(key, hash: hash, now: now)
      if found.freshSlot != 0 {
        return .fresh(
          remaining: state.core.freshTicks(of: found.slot).map { .milliseconds(Int64($0)) })
      }
      if let loading = state.loading?.pointee {
        if state.isLoading(key, hash: hash) { return .loading }
        if let (failure, left) = loading.failures?.remaining(of: key, hash: hash, reading: reading)
        {
          return .backingOff(failure.kind, failures: failure.count, remaining: left)
        }
      }
      if let staleFor = found.staleFor { return .stale(for: staleFor) }
      if let expired = state.core.expiredAgo(key, hash: hash, now: now) {
        return .expired(ago: expired)
      }
      guard let (event, tick) = state.core.auxiliary?.missLog?.last(ofHash: hash) else {
        return .unknown
      }
      let ago = Duration.milliseconds(Int64(now - min(now, tick)))
      switch event {
      case .none: return .unknown
      case .removed: return .removed(ago: ago)
      case .expired: return .expired(ago: ago)
      case .evictedForSize: return .evicted(cause: .size, ago: ago)
      case .evictedForPressure: return .evicted(cause: .pressure, ago: ago)
      case .rejected: return .rejected(ago: ago)
      case .loadFailed: return .loadFailed(ago: ago)
      }
    }
  }
}

extension CacheCore {
  /// How long ago an entry has expired whose memory is not yet reclaimed; `nil` if there is none.
  fileprivate func expiredAgo(_ key: Key, hash: UInt32, now: Tick) -> Duration? {
    let slot = find(key, hash: hash)
    guard slot != 0 else { return nil }
    let (freshEnd, _) = ends(of: slot)
    return freshEnd <= now ? .milliseconds(Int64(now - freshEnd)) : nil
  }
}
