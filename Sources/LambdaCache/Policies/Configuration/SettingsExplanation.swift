/// The settings of one cache as text for people: a line for each with its name, the value in
/// effect, and where that comes from.
struct SettingsExplanation {
  /// The lines until now, each with a line break.
  private(set) var text: String
  private let record: SettingsRecord?
  private let changes: ChangedSettings

  /// - Parameters:
  ///   - type: The name of the cache's type, the title if the cache has no name.
  ///   - record: Where settings come from.
  ///   - changes: The settings that the program has changed.
  init(of type: String, record: SettingsRecord?, changes: ChangedSettings) {
    self.record = record
    self.changes = changes
    text = (record?.name.map { "cache \($0)" } ?? type) + "\n"
  }

  /// Adds a setting that no variable has.
  mutating func add(_ name: String, _ value: String, isDefault: Bool) {
    addLine(name, value, isDefault ? "default" : "options")
  }

  /// Adds the byte limit, which is no option.
  mutating func addByteLimit(_ byteLimit: Int) {
    let source =
      changes.contains(.byteLimit)
      ? "set at run time" : record?.name == nil ? "options" : "assigned by the budget"
    addLine("byteLimit", ByteCountFormat.short(byteLimit), source)
  }

  /// Adds the settings that a cache may have from variables.
  ///
  /// - Parameters:
  ///   - settings: The values in effect.
  ///   - isShared: Whether it is a ``Cache``.
  mutating func add(_ settings: CacheSettings, isShared: Bool) {
    let defaults = CacheSettings()
    for setting in Setting.all where isShared || !setting.isOfSharedCaches {
      guard record?.name != nil || !setting.isOfBudget else { continue }
      let source =
        if !changes.isDisjoint(with: setting.mark) {
          "set at run time"
        } else if let variable = record?.variables[setting.name] {
          variable
        } else {
          setting.text(settings) == setting.text(defaults) ? "default" : "options"
        }
      addLine(setting.optionName, setting.text(settings), source)
    }
  }

  /// Adds what the policy that a cache does not have would have hit, if that is known.
  ///
  /// - Parameters:
  ///   - statistics: The counters of the cache.
  ///   - policy: Its policy.
  mutating func addComparison(_ statistics: CacheStatistics, policy: EvictionPolicy) {
    let lookUps = statistics.watchedLookUps
    guard lookUps > 0 else { return }
    let gain = statistics.watchedHitsAdaptive - statistics.watchedHitsLeastRecentlyUsed
    let (name, points) =
      policy.isAdaptive ? ("lru", -gain * 1000) : ("adaptive", gain * 1000)
    let perMille = points / lookUps
    let size = abs(perMille)
    addLine(
      "policy.otherwise",
      "\(name) \(perMille < 0 ? "-" : "+")\(size / 10).\(size % 10)",
      "points of hits, by \(lookUps) sampled look-ups")
  }

  /// Adds what has no variable of an expiration.
  mutating func add(_ expiration: Expiration) {
    add(
      "expiration.afterThaw", expiration.afterThaw.explanation,
      isDefault: expiration.afterThaw == .keep)
    add(
      "expiration.recordsAge", "\(expiration.recordsAge)", isDefault: !expiration.recordsAge)
  }

  /// Adds a closure or an object, of which nothing can be said but that it is there.
  mutating func add(_ name: String, isSet: Bool) {
    add(name, isSet ? "set" : "none", isDefault: !isSet)
  }

  /// Adds the capacity of a log that is opened while the cache is used.
  mutating func addMissLog(_ capacity: Int) {
    addLine("missLogCapacity", "\(capacity)", capacity == 0 ? "default" : "set at run time")
  }

  private mutating func addLine(_ name: String, _ value: String, _ source: String) {
    text += "  " + name.padded(to: 32) + value.padded(to: 14) + source + "\n"
  }
}

extension Expiration.ThawPolicy {
  /// The policy in a few words.
  fileprivate var explanation: String {
    switch self {
    case .keep: "keep"
    case .revalidate(let gap): "revalidate after \(DurationFormat.text(gap))"
    case .drop(let gap): "drop after \(DurationFormat.text(gap))"
    }
  }
}
