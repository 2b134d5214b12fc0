public import LambdaCache

/// A ``SharedTier`` behind the caches of this environment, which is asked before a value is loaded.
///
/// Make one outside of the handler, and read through it:
///
/// <!-- with: engine, database, users -->
/// ```swift
/// import LambdaCacheFoundation
///
/// let tier = SecondTier(engine).named("users")
/// let ada = try await users.value(forKey: "ada", through: tier, codec: .json) { name in
///   try await database.user(named: name)
/// }
/// ```
///
/// It fails open: no error of the engine fails a read. Each call of the engine may take the time
/// budget, and never longer than loads take or the invocation has left. After three failures in a
/// row nothing is asked but, after a pause, one call as a trial.
///
/// <doc:SharingBetweenEnvironments> says what it is for and when it is of no use.
public struct SecondTier: Sendable {
  let state: TierState
  let space: TierSpace

  /// Puts an engine behind caches.
  ///
  /// - Parameters:
  ///   - engine: The engine.
  ///   - build: What distinguishes this form of the values from earlier and later ones: a value
  ///     that another build has stored is loaded. `nil` for the version of the function, as Lambda
  ///     gives it in `AWS_LAMBDA_FUNCTION_VERSION`; that is `$LATEST` for each deployment of a
  ///     function that is not published.
  ///   - timeBudget: The longest time that the engine is waited for before a value is loaded.
  ///   - timeToLive: How long a loaded value is fresh, at the most; `nil` for as long as in the
  ///     cache that loads it, or a day where that keeps it for ever.
  ///   - validatesTagsAfter: How long ago the tags of what caches have got through the tier may
  ///     have been checked when an invocation begins. After a longer time, as after a freeze,
  ///     their generations are fetched, in one round trip for all, before the handler runs, and
  ///     entries of tags that were invalidated elsewhere are removed; `nil` for never.
  ///   - clock: The clock that time budgets, pauses and loads are measured by; `nil` for the
  ///     system's. With another one an engine must keep to its time limits itself.
  public init(
    _ engine: any SharedTier, build: String? = nil, timeBudget: Duration = .milliseconds(5),
    timeToLive: Duration? = nil, validatesTagsAfter: Duration? = nil,
    clock: (any CacheClock)? = nil
  ) {
    self.init(
      TierState(
        engine,
        build: build ?? ProcessEnvironment.current["AWS_LAMBDA_FUNCTION_VERSION"] ?? "",
        timeBudget: timeBudget, timeToLive: timeToLive, validatesTagsAfter: validatesTagsAfter,
        time: TierTime(clock)))
  }

  init(_ state: TierState) {
    self.state = state
    space = state.space(named: "")
  }

  private init(_ state: TierState, _ space: TierSpace) {
    self.state = state
    self.space = space
  }

  /// The same tier, under a name of its own for keys and tags.
  ///
  /// Give each cache a name of its own, in all functions and builds that share its values the same:
  /// two caches with different values for a key would otherwise displace each other's.
  ///
  /// - Parameter name: The name, with which the engine's names of keys and tags begin.
  /// - Returns: The tier, with the same time budget and statistics.
  public func named(_ name: String) -> SecondTier {
    SecondTier(state, state.space(named: name))
  }

  /// What the tier has done so far, under all names.
  public var statistics: TierStatistics { state.statistics }
}

/// The names of one cache in a ``SecondTier``, and how long its loads take.
final class TierSpace: Sendable {
  private let prefix: [UInt8]
  private let meanLoadTime = Locked<Duration?>(nil)
  /// Leases whose loads have failed here, each until it ends.
  private let leases = Locked<[TierKey: (token: UInt64, end: Duration)]>([:])

  /// The leases that are kept; a source that is down must not make them ever more.
  private static let leaseLimit = 256

  init(named name: String) {
    // A name that has the separator in it would be able to make another's keys.
    prefix = escapedForTier(name)
  }

  /// The engine's name of a key.
  func name(ofKey text: String) -> TierKey { TierKey(bytes: prefix + ":v:".utf8 + text.utf8) }

  /// The engine's name of a tag.
  func name(ofTag text: String) -> TierKey { TierKey(bytes: prefix + ":t:".utf8 + text.utf8) }

  /// Keeps a lease for the next load of its key.
  func keepLease(_ token: UInt64, of key: TierKey, until end: Duration) {
    leases.withLock { leases in
      if leases.count >= Self.leaseLimit { leases.removeAll() }
      leases[key] = (token, end)
    }
  }

  /// Takes the lease of a key that is kept here; `nil` if there is none, or it has ended.
  func takeLease(of key: TierKey, now: Duration) -> UInt64? {
    leases.withLock { leases in
      guard let lease = leases.removeValue(forKey: key), lease.end > now else { return nil }
      return lease.token
    }
  }

  /// How long loads have taken lately; `nil` if that is not known.
  var loadTime: Duration? { meanLoadTime.withLock { $0 } }

  /// Notes how long a load took.
  func learn(_ duration: Duration) {
    guard duration > .zero else { return }
    meanLoadTime.withLock { mean in mean = mean.map { $0 + (duration - $0) / 8 } ?? duration }
  }

  /// Notes how long a load took elsewhere, if none was seen here.
  func learnIfUnknown(_ duration: Duration) {
    guard duration > .zero else { return }
    meanLoadTime.withLock { mean in mean = mean ?? duration }
  }
}
