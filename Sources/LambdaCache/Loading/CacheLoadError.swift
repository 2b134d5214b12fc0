/// Why a cache did not load a value; errors of the loading closure itself are passed on as they
/// are.
public enum CacheLoadError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A load asked a cache for a key whose load waits for it, itself or through others: both would
  /// have waited for ever.
  case recursiveLoad(key: String)

  /// What went wrong and what is accepted.
  public var description: String {
    switch self {
    case .recursiveLoad(let key):
      "a load asked for key \(key), whose own load waits for it, so that both would wait for ever; "
        + "a loading closure may ask only for keys that do not lead back to it"
    }
  }
}
