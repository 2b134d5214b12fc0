/// How a cache loads: what it does with values that have expired, what it remembers of loads that
/// fail, and whether a load goes on that no caller waits for any more.
///
/// <!-- with: Profile -->
/// ```swift
/// let cache = Cache<String, Profile>(byteLimit: 32 << 20, timeToLive: .seconds(300)) {
///   $0.loading.staleIfError = .seconds(3_600)
///   $0.loading.negativeTimeToLive = .seconds(30)
///   $0.loading.transientBackOff = BackOff(first: .milliseconds(100), longest: .seconds(10))
/// }
/// ```
///
/// By default nothing stale is served and nothing is remembered: an error goes to the callers that
/// wait for the load, and the next request loads again.
///
/// A remembered failure of a key ends with a value that is set, a load that succeeds or a removal
/// of the key. It counts in ``Cache/byteCount``.
public struct LoadPolicy: Sendable {
  /// How long after its time a value may be served at once, while it is loaded again; zero for not
  /// at all.
  ///
  /// An entry is kept for the longer of this and ``staleIfError``; more than a century is a
  /// century.
  public var staleWhileRevalidate: Duration

  /// How long after its time a value may be served because loading it failed; zero for not at all.
  public var staleIfError: Duration

  /// How eagerly a hit loads its value again before it expires: 0 never, 1 as *XFetch* does, more
  /// is earlier.
  ///
  /// A read-through look-up of a fresh value whose remaining time is below `d · earlyRefresh ·
  /// -ln(random)` starts a load, where `d` is how long loads have taken lately. So one of many
  /// environments refreshes early, and not all at once when the value expires (Vattani,
  /// Chierichetti and Lowenstein, *Optimal Probabilistic Cache Stampede Prevention*, VLDB 2015).
  public var earlyRefresh: Double

  /// How long it is remembered that there is no value, ``LoadErrorClass/notFound``; zero for not at
  /// all.
  public var negativeTimeToLive: Duration

  /// How long it is remembered that a value may not be read, ``LoadErrorClass/refused``; zero for
  /// not at all.
  public var refusedTimeToLive: Duration

  /// How long a key is not loaded after ``LoadErrorClass/throttled``; where it is not `none`, an
  /// error's own ``ClassifiedError/retryAfter`` goes before, up to the longest pause.
  public var throttledBackOff: BackOff

  /// How long a key is not loaded after ``LoadErrorClass/transient``; where it is not `none`, an
  /// error's own ``ClassifiedError/retryAfter`` goes before, up to the longest pause.
  public var transientBackOff: BackOff

  /// Whether a load that no caller waits for any more goes on.
  ///
  /// If not, its task is cancelled, and its result is not stored. If so, its result is stored, and
  /// callers that ask meanwhile wait for it. Where the invocation is known (``InvocationScope``),
  /// its end waits for the load, as long as there is time.
  public var finishesAbandonedLoads: Bool

  /// The most bytes that failures may take that are remembered; an eighth of the cache's own limit,
  /// if that is less.
  ///
  /// The least recently asked for are forgotten first.
  public var failureByteLimit: Int

  /// The class of an error; `nil` to ask the error itself, see ``ClassifiedError``.
  ///
  /// It is called once for each load that throws, outside of any lock.
  public var classify: (@Sendable (any Error) -> LoadErrorClass)?

  /// The bytes that failures may take if nothing is said: 64 KiB.
  @usableFromInline static let defaultFailureByteLimit = 64 << 10

  /// Creates a policy; by default nothing stale is served and nothing is remembered.
  ///
  /// - Parameters:
  ///   - staleWhileRevalidate: How long an expired value may be served while it is loaded again.
  ///   - staleIfError: How long an expired value may be served because loading failed.
  ///   - earlyRefresh: How eagerly a value is loaded again before it expires; 0 for never.
  ///   - negativeTimeToLive: How long it is remembered that there is no value.
  ///   - refusedTimeToLive: How long it is remembered that a value may not be read.
  ///   - throttledBackOff: How long a key is not loaded after its source was asked too often.
  ///   - transientBackOff: How long a key is not loaded after its source could not be asked.
  ///   - finishesAbandonedLoads: Whether a load that no caller waits for any more goes on.
  ///   - failureByteLimit: The most bytes that remembered failures may take.
  ///   - classify: The class of an error; `nil` to ask the error itself.
  public init(
    staleWhileRevalidate: Duration = .zero, staleIfError: Duration = .zero,
    earlyRefresh: Double = 0,
    negativeTimeToLive: Duration = .zero, refusedTimeToLive: Duration = .zero,
    throttledBackOff: BackOff = .none, transientBackOff: BackOff = .none,
    finishesAbandonedLoads: Bool = false,
    failureByteLimit: Int = LoadPolicy.defaultFailureByteLimit,
    classify: (@Sendable (any Error) -> LoadErrorClass)? = nil
  ) {
    self.staleWhileRevalidate = staleWhileRevalidate
    self.staleIfError = staleIfError
    self.earlyRefresh = earlyRefresh
    self.negativeTimeToLive = negativeTimeToLive
    self.refusedTimeToLive = refusedTimeToLive
    self.throttledBackOff = throttledBackOff
    self.transientBackOff = transientBackOff
    self.finishesAbandonedLoads = finishesAbandonedLoads
    self.failureByteLimit = failureByteLimit
    self.classify = classify
  }

  /// Traps if a value is out of range: that is the caller's mistake, not an outcome.
  func validate() {
    requireArgument(
      staleWhileRevalidate >= .zero,
      "the time of staleWhileRevalidate is negative: \(staleWhileRevalidate)")
    requireArgument(staleIfError >= .zero, "the time of staleIfError is negative: \(staleIfError)")
    requireArgument(
      earlyRefresh >= 0 && earlyRefresh.isFinite,
      "the eagerness of early refreshes is not a finite number from 0: \(earlyRefresh)")
    requireArgument(
      negativeTimeToLive >= .zero,
      "the time to live of negative results is negative: \(negativeTimeToLive)")
    requireArgument(
      refusedTimeToLive >= .zero,
      "the time to live of refusals is negative: \(refusedTimeToLive)")
    requireArgument(
      failureByteLimit >= 0,
      "the byte limit of remembered failures is negative: \(failureByteLimit)")
    throttledBackOff.validate()
    transientBackOff.validate()
  }

  /// How long an expired entry stays, for whichever use.
  var staleWindow: Duration { max(staleWhileRevalidate, staleIfError) }

  /// Whether loads that fail or that no caller waits for are treated as by default.
  var isPlain: Bool {
    negativeTimeToLive == .zero && refusedTimeToLive == .zero && throttledBackOff == .none
      && transientBackOff == .none && !finishesAbandonedLoads && classify == nil
      && failureByteLimit == LoadPolicy.defaultFailureByteLimit && earlyRefresh == 0
      && staleWhileRevalidate == .zero && staleIfError == .zero
  }

  /// The class of an error.
  func errorClass(of error: any Error) -> LoadErrorClass {
    if let classify { return classify(error) }
    return (error as? any ClassifiedError)?.loadErrorClass ?? .transient
  }

  /// How long a key is not loaded after a failure; not positive for a failure that is not to be
  /// remembered.
  ///
  /// - Parameters:
  ///   - error: The error.
  ///   - kind: Its class.
  ///   - failures: How many there have been in a row, from 1.
  ///   - chance: A number from 0 up to 1.
  func delay(
    after error: any Error, of kind: LoadErrorClass, failures: Int, chance: Double
  ) -> Duration {
    switch kind {
    case .notFound: negativeTimeToLive
    case .refused: refusedTimeToLive
    case .fatal: .zero
    case .throttled:
      throttledBackOff.delay(after: error, failures: failures, chance: chance)
    case .transient:
      transientBackOff.delay(after: error, failures: failures, chance: chance)
    }
  }
}
