extension CacheSettings {
  /// What a program's expiration says, before any variable changes it.
  init(_ expiration: Expiration) {
    self.init(
      timeToLive: expiration.timeToLive, idleTimeToLive: expiration.idleTimeToLive,
      staleWhileRevalidate: CacheSettings.window(expiration.staleWhileRevalidate),
      staleIfError: CacheSettings.window(expiration.staleIfError))
    if case .fraction(let fraction) = expiration.jitter { timeToLiveJitter = fraction }
  }

  private static func window(_ duration: Duration) -> Duration? {
    duration == .zero ? nil : duration
  }
}

extension Expiration {
  /// The same with what settings say.
  ///
  /// A jitter that the program gives as a duration holds unless the settings name a part above zero.
  func replacing(_ settings: CacheSettings) -> Expiration {
    var expiration = self
    expiration.timeToLive = settings.timeToLive
    expiration.idleTimeToLive = settings.idleTimeToLive
    expiration.staleWhileRevalidate = settings.staleWhileRevalidate ?? .zero
    expiration.staleIfError = settings.staleIfError ?? .zero
    switch jitter {
    case .duration where settings.timeToLiveJitter == 0: break
    default: expiration.jitter = .fraction(settings.timeToLiveJitter)
    }
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
