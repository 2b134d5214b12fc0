import LambdaCache

/// A cache of either kind, with what it can do about time.
protocol AgedDriver: CacheDriver {
  /// Whether it may keep values that have expired, for loading them again.
  static var loads: Bool { get }

  func freshOrStaleValue(forKey key: Key) -> CachedValue<Value>?
  func setTimeToLive(_ timeToLive: Duration?, forKey key: Key) -> Bool
  func remainingTimeToLive(forKey key: Key) -> Duration?
  func age(forKey key: Key) -> Duration?
}

extension UniqueCacheDriver: AgedDriver {
  static var loads: Bool { false }

  func freshOrStaleValue(forKey key: Key) -> CachedValue<Value>? {
    cache.value(forKey: key).map { .fresh($0) }
  }

  func setTimeToLive(_ timeToLive: Duration?, forKey key: Key) -> Bool {
    cache.setTimeToLive(timeToLive, forKey: key)
  }

  func remainingTimeToLive(forKey key: Key) -> Duration? { cache.remainingTimeToLive(forKey: key) }
  func age(forKey key: Key) -> Duration? { cache.age(forKey: key) }
}

extension SharedCacheDriver: AgedDriver {
  static var loads: Bool { true }

  func freshOrStaleValue(forKey key: Key) -> CachedValue<Value>? {
    cache.freshOrStaleValue(forKey: key)
  }

  func setTimeToLive(_ timeToLive: Duration?, forKey key: Key) -> Bool {
    cache.setTimeToLive(timeToLive, forKey: key)
  }

  func remainingTimeToLive(forKey key: Key) -> Duration? { cache.remainingTimeToLive(forKey: key) }
  func age(forKey key: Key) -> Duration? { cache.age(forKey: key) }
}
