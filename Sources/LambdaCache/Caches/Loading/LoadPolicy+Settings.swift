/// A policy between a program and its settings.
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
