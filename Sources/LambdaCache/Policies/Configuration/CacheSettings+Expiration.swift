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
