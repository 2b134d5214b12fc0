extension CacheSettings {
  /// The settings of a program's expiration, before any variable changes them.
  init(_ expiration: Expiration) {
    self.init(
      timeToLive: expiration.timeToLive, idleTimeToLive: expiration.idleTimeToLive,
      timeToLiveJitter: expiration.jitter)
  }
}

extension Expiration {
  /// The same with what settings say.
  func replacing(_ settings: CacheSettings) -> Expiration {
    var expiration = self
    expiration.timeToLive = settings.timeToLive
    expiration.idleTimeToLive = settings.idleTimeToLive
    expiration.jitter = settings.timeToLiveJitter
    return expiration
  }
}
