/// A policy between a program and its settings.
extension LoadPolicy {
  /// The same with what settings say.
  func replacing(_ settings: CacheSettings) -> LoadPolicy {
    var policy = self
    policy.negativeTimeToLive = settings.negativeTimeToLive ?? .zero
    policy.staleWhileRevalidate = settings.staleWhileRevalidate ?? .zero
    policy.staleIfError = settings.staleIfError ?? .zero
    return policy
  }
}

extension CacheSettings {
  /// Takes what a program's policy says, before any variable changes it.
  mutating func take(_ policy: LoadPolicy) {
    negativeTimeToLive = CacheSettings.unlessZero(policy.negativeTimeToLive)
    staleWhileRevalidate = CacheSettings.unlessZero(policy.staleWhileRevalidate)
    staleIfError = CacheSettings.unlessZero(policy.staleIfError)
  }

  private static func unlessZero(_ duration: Duration) -> Duration? {
    duration == .zero ? nil : duration
  }
}
