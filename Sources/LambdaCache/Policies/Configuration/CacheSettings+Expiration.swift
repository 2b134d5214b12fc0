extension CacheSettings {
  /// What a program's expiration says, before any variable changes it.
  init(_ expiration: Expiration) {
    self.init(
      timeToLive: expiration.timeToLive, idleTimeToLive: expiration.idleTimeToLive,
      timeToLiveJitter: expiration.jitter,
      staleWhileRevalidate: CacheSettings.window(expiration.staleWhileRevalidate),
      staleIfError: CacheSettings.window(expiration.staleIfError))
  }

  private static func window(_ duration: Duration) -> Duration? {
    duration == .zero ? nil : duration
  }
}

extension Expiration {
  /// The same with what settings say.
  func replacing(_ settings: CacheSettings) -> Expiration {
    var expiration = self
    expiration.timeToLive = settings.timeToLive
    expiration.idleTimeToLive = settings.idleTimeToLive
    expiration.staleWhileRevalidate = settings.staleWhileRevalidate ?? .zero
    expiration.staleIfError = settings.staleIfError ?? .zero
    expiration.jitter = settings.timeToLiveJitter
    return expiration
  }
}

extension LoadPolicy {
  /// How long negative results are remembered, as settings have it.
  var settingsOfNegativeResults: Duration? {
    negativeTimeToLive == .zero ? nil : negativeTimeToLive
  }

  /// A policy, or the default one, with what the settings say of negative results.
  static func replacing(_ policy: LoadPolicy?, _ settings: CacheSettings) -> LoadPolicy? {
    guard settings.negativeTimeToLive != policy?.settingsOfNegativeResults else { return policy }
    var replaced = policy ?? LoadPolicy()
    replaced.negativeTimeToLive = settings.negativeTimeToLive ?? .zero
    return replaced
  }
}
