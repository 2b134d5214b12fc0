/// Why a cache did not load a value; errors of the loading closure itself are passed on as they
/// are.
public enum CacheLoadError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A load asked the cache for the very key it was loading, and would have waited for itself for
  /// ever.
  case recursiveLoad(key: String)

  /// What went wrong and what is accepted.
  public var description: String {
    switch self {
    case .recursiveLoad(let key):
      "the load of key \(key) asked the cache for that key, and would wait for itself; "
        + "a loading closure may ask for other keys only"
    }
  }
}
