/// How a cache loads: what it remembers of loads that fail, and what becomes of a load that nobody
/// waits for any more.
///
/// ```swift
/// var loading = LoadPolicy()
/// loading.negativeTimeToLive = .seconds(30)
/// loading.transientBackOff = BackOff(first: .milliseconds(100), longest: .seconds(10))
/// let cache = Cache<String, Profile>(
///   byteLimit: 32 << 20,
///   expiration: Expiration(timeToLive: .seconds(300), staleIfError: .seconds(3_600)),
///   loading: loading)
/// ```
///
/// By default nothing is remembered: an error goes to whoever waits for the load, and the next
/// request loads again.
///
/// What is remembered of a key ends with a value that is set, a load that succeeds or a removal of
/// the key. It counts in ``Cache/byteCount``.
public struct LoadPolicy: Sendable {
  /// What becomes of a load that all who waited for it have left.
  public enum Abandonment: Sendable, Hashable {
    /// Its task is cancelled, and its result is not stored.
    case cancel

    /// It goes on and its result is stored; who asks meanwhile waits for it.
    ///
    /// Where the invocation is known (``InvocationScope``), its end waits for the load, as long as
    /// there is time.
    case finish
  }

  /// How long it is remembered that there is no value, ``LoadErrorClass/notFound``; zero for not at
  /// all.
  public var negativeTimeToLive: Duration

  /// How long it is remembered that a value may not be read, ``LoadErrorClass/refused``; zero for
  /// not at all.
  public var refusedTimeToLive: Duration

  /// How long a key is not loaded after ``LoadErrorClass/throttled``; where it is not `none`, an
  /// error's own ``ClassifiedError/retryAfter`` goes before, up to ``BackOff/longest``.
  public var throttledBackOff: BackOff

  /// How long a key is not loaded after ``LoadErrorClass/transient``; where it is not `none`, an
  /// error's own ``ClassifiedError/retryAfter`` goes before, up to ``BackOff/longest``.
  public var transientBackOff: BackOff

  /// What becomes of a load that all who waited for it have left.
  public var whenAbandoned: Abandonment

  /// The most bytes that failures may take that are remembered; an eighth of the cache's own limit,
  /// if that is less.
  ///
  /// The least recently asked for are forgotten first.
  public var failureByteLimit: Int

  /// The class of an error; `nil` to ask the error itself, see ``ClassifiedError``.
  ///
  /// It is called once for each load that throws, outside of any lock.
  public var classify: (@Sendable (any Error) -> LoadErrorClass)?

  /// Creates a policy; by default nothing is remembered.
  ///
  /// - Parameters:
  ///   - negativeTimeToLive: How long it is remembered that there is no value.
  ///   - refusedTimeToLive: How long it is remembered that a value may not be read.
  ///   - throttledBackOff: How long a key is not loaded after its source was asked too often.
  ///   - transientBackOff: How long a key is not loaded after its source could not be asked.
  ///   - whenAbandoned: What becomes of a load that all who waited for it have left.
  ///   - failureByteLimit: The most bytes that remembered failures may take.
  ///   - classify: The class of an error; `nil` to ask the error itself.
  public init(
    negativeTimeToLive: Duration = .zero, refusedTimeToLive: Duration = .zero,
    throttledBackOff: BackOff = .none, transientBackOff: BackOff = .none,
    whenAbandoned: Abandonment = .cancel, failureByteLimit: Int = 64 << 10,
    classify: (@Sendable (any Error) -> LoadErrorClass)? = nil
  ) {
    self.negativeTimeToLive = negativeTimeToLive
    self.refusedTimeToLive = refusedTimeToLive
    self.throttledBackOff = throttledBackOff
    self.transientBackOff = transientBackOff
    self.whenAbandoned = whenAbandoned
    self.failureByteLimit = failureByteLimit
    self.classify = classify
  }

  /// Traps if a value is out of range: that is the caller's mistake, not an outcome.
  func validate() {
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
