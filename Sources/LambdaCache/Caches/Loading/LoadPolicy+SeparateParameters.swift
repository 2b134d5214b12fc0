// The choice from before ``LoadPolicy/finishesAbandonedLoads``, for code that still has to be changed.
extension LoadPolicy {
  public enum Abandonment: Sendable, Hashable {
    case cancel
    case finish
  }

  public var whenAbandoned: Abandonment {
    get { finishesAbandonedLoads ? .finish : .cancel }
    set { finishesAbandonedLoads = newValue == .finish }
  }

  @_disfavoredOverload
  public init(
    negativeTimeToLive: Duration = .zero, refusedTimeToLive: Duration = .zero,
    throttledBackOff: BackOff = .none, transientBackOff: BackOff = .none,
    whenAbandoned: Abandonment, failureByteLimit: Int = 64 << 10,
    classify: (@Sendable (any Error) -> LoadErrorClass)? = nil
  ) {
    self.init(
      negativeTimeToLive: negativeTimeToLive, refusedTimeToLive: refusedTimeToLive,
      throttledBackOff: throttledBackOff, transientBackOff: transientBackOff,
      finishesAbandonedLoads: whenAbandoned == .finish, failureByteLimit: failureByteLimit,
      classify: classify)
  }
}
