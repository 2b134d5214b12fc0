extension UniqueCache {
  /// The value in effect of every setting of this cache and where it comes from, as text for
  /// people; see ``Cache/explainConfiguration()``.
  ///
  /// - Returns: Several lines, the last one with a line break as well.
  public func explainConfiguration() -> String {
    var explanation = SettingsExplanation(
      of: "UniqueCache<\(Key.self), \(Value.self)>", record: record, changes: changedSettings)
    var settings = record.map(\.settings) ?? CacheSettings()
    settings.entryLimit = entryLimit
    settings.entryByteLimit = entryByteLimit
    settings.timeToLive = timeToLive
    if let policy = core.evictionPolicy { settings.policy = policy }
    explanation.addByteLimit(byteLimit)
    explanation.add(settings, isShared: false)
    explanation.addComparison(statistics, policy: settings.policy)
    explanation.add(record.map(\.expiration) ?? Expiration())
    explanation.add("entryTimeToLive", isSet: entryTimeToLive != nil)
    explanation.add("onRemoval", isSet: listener != nil)
    let endsProcess = reportedRejections.contains(.endsProcess)
    explanation.add("endsProcessForUnknownSize", "\(endsProcess)", isDefault: !endsProcess)
    explanation.add("clock", isSet: clock != nil)
    return explanation.text
  }
}
