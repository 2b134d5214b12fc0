/// Why a cache did not load a value; errors of the loading closure itself are passed on as they
/// are.
public enum CacheLoadError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A load asked a cache for a key whose load waits for it, itself or through others: both would
  /// have waited for ever.
  case recursiveLoad(key: String)

  /// The load took longer than the caller's time limit; it goes on for other callers that wait.
  case timedOut(key: String, limit: Duration)

  /// The caller's invocation has no time left, so that no load was begun for it.
  ///
  /// As long as any is left, a load is tried: it may take less than is left. Nor is
  /// the error thrown to a load that asks a cache, for others with more time may wait for that
  /// load. `remaining` is what is left, zero; `expected` is how long the last load of the key has
  /// taken, zero if that is not known.
  case tooLittleTime(key: String, remaining: Duration, expected: Duration)

  /// The source has no value for the key.
  case notFound(key: String)

  /// A conditional load answered ``Reload/notModified``, but was given no value.
  case nothingToRenew(key: String)

  /// What went wrong and what is accepted.
  public var description: String {
    switch self {
    case .recursiveLoad(let key):
      "a load asked for key \(key), whose own load waits for it, so that both would wait for ever; "
        + "a loading closure may ask only for keys that do not lead back to it"
    case .timedOut(let key, let limit):
      "the load of key \(key) took longer than the \(limit) that the caller would wait"
    case .tooLittleTime(let key, let remaining, let expected):
      "no load of key \(key) was begun: \(remaining) is left of the invocation"
        + (expected > .zero ? ", and the last load of the key has taken \(expected)" : "")
    case .notFound(let key):
      "there is no value for key \(key): its load did not return one"
    case .nothingToRenew(let key):
      "the load of key \(key) answered that nothing was modified, but there was no value to renew; "
        + "without one a loading closure must return a value or throw"
    }
  }
}

extension CacheLoadError {
  @usableFromInline
  static func lateLoad(ofKey key: some Any, expected: Duration) -> CacheLoadError {
    .tooLittleTime(key: String(describing: key), remaining: .zero, expected: expected)
  }
}

extension CacheLoadError: ClassifiedError {
  /// A missing value is not found, a mistake of the program is fatal, and what took too long may
  /// work another time.
  public var loadErrorClass: LoadErrorClass {
    switch self {
    case .notFound: .notFound
    case .timedOut, .tooLittleTime: .transient
    case .recursiveLoad, .nothingToRenew: .fatal
    }
  }
}
