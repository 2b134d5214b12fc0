/// What a ``SecondTier`` has done since it was made, under all of its names.
public struct TierStatistics: Sendable, Hashable {
  /// Keys that were answered from the tier in time, "there is no value" included.
  public internal(set) var hits = 0
  /// Keys that were answered from the tier after their time, within a stale window.
  public internal(set) var staleHits = 0
  /// Keys that were loaded because the tier had nothing for them, or was not asked.
  public internal(set) var misses = 0
  /// Keys that were loaded before their time in the tier was over, so that not all environments
  /// load them when it is.
  public internal(set) var earlyRefreshes = 0
  /// Values that were not what was stored, or that the codec could not decode.
  public internal(set) var damagedValues = 0
  /// Values of another format, another build or another type.
  public internal(set) var foreignValues = 0
  /// Values one of whose tags was invalidated since they were loaded, in the tier or in a cache
  /// that has learned of it from the tier.
  public internal(set) var invalidatedValues = 0
  /// Leases that were granted.
  public internal(set) var grantedLeases = 0
  /// Keys that were waited for because another environment had their lease.
  public internal(set) var leaseWaits = 0
  /// Entries that were handed to the engine to be stored.
  public internal(set) var storedEntries = 0
  /// Calls that failed or took too long.
  public internal(set) var failures = 0
  /// Calls that were not made, or were given up while a connection was being made: the engine had
  /// failed too often, it was still connecting, or there was no time.
  public internal(set) var skippedCalls = 0
  /// Times that the tags of entries in caches were to be validated and the engine did not answer,
  /// so that the entries were served as they were.
  public internal(set) var failedValidations = 0
}

/// An error of calling a ``SharedTier``.
public enum SharedTierError: Error, Sendable, Hashable, CustomStringConvertible {
  /// There was no answer within the time that a call may take.
  case timedOut(limit: Duration)
  /// The answer has not as many values and generations as were asked for, or its time is before
  /// 1970.
  case malformedResponse

  /// The problem and what is accepted.
  public var description: String {
    switch self {
    case .timedOut(let limit): "the shared tier has not answered within \(limit)"
    case .malformedResponse:
      "the answer of the shared tier does not fit the request; it must have a value for each key, a "
        + "generation for each tag, and a time since 1970"
    }
  }
}
