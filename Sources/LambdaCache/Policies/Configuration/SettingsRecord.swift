/// The settings of a cache that nothing else of it keeps, and the variables that some come from.
@usableFromInline
final class SettingsRecord: Sendable {
  /// The name of a cache on a budget.
  let name: String?
  /// The settings in effect when the cache was made.
  let settings: CacheSettings
  /// The expiration in effect when the cache was made.
  let expiration: Expiration
  /// The variables that decided, as `NAME=value`, by the names of their settings.
  let variables: [String: String]

  /// Whether the environment has turned the cache off.
  var isTurnedOff: Bool { !settings.isEnabled }

  /// The record of a cache on a budget.
  ///
  /// - Parameters:
  ///   - name: The name of the cache.
  ///   - configuration: The variables.
  ///   - settings: The settings in effect.
  ///   - expiration: The expiration in effect.
  init(
    name: String, configuration: CacheConfiguration, settings: CacheSettings,
    expiration: Expiration
  ) {
    self.name = name
    self.settings = settings
    self.expiration = expiration
    variables = configuration.variables(forCache: name)
  }

  /// The record of a cache with a limit of its own; `nil` if the expiration is one that the cache
  /// keeps itself.
  init?(unnamed expiration: Expiration) {
    guard expiration != Expiration(timeToLive: expiration.timeToLive) else { return nil }
    name = nil
    settings = CacheSettings(expiration)
    self.expiration = expiration
    variables = [:]
  }
}

/// Settings that a program has changed since the cache was made.
struct ChangedSettings: OptionSet {
  let rawValue: UInt8

  static var byteLimit: ChangedSettings { ChangedSettings(rawValue: 1) }
  static var entryLimit: ChangedSettings { ChangedSettings(rawValue: 2) }
  static var entryByteLimit: ChangedSettings { ChangedSettings(rawValue: 4) }
  static var timeToLive: ChangedSettings { ChangedSettings(rawValue: 8) }
}
