/// One setting of a cache: how its variable is called, read and shown.
///
/// The table ``all`` is the only place that knows which settings exist.
struct Setting: Sendable {
  /// The change that a value makes to the settings of a cache.
  typealias Change = @Sendable (inout CacheSettings) -> Void

  /// The end of the variable's name, behind the prefix and perhaps the name of a cache.
  let name: String

  /// The accepted values, as a phrase.
  let accepted: String

  /// The change that a value stands for, or `nil` if it is not accepted.
  let change: @Sendable (String) -> Change?

  /// The setting's value in the form in which a variable would have it.
  let text: @Sendable (CacheSettings) -> String

  /// The name of the option that a program sets.
  let optionName: String

  /// Makes a setting out of a property, a reader and its opposite.
  init<Value>(
    _ name: String, _ property: any WritableKeyPath<CacheSettings, Value> & Sendable,
    option optionName: String, accepted: String,
    read: @escaping @Sendable (String) -> Value?,
    text: @escaping @Sendable (Value) -> String
  ) where Value: Sendable {
    self.name = name
    self.optionName = optionName
    self.accepted = accepted
    change = { value in
      guard let value = read(value) else { return nil }
      return { $0[keyPath: property] = value }
    }
    self.text = { text($0[keyPath: property]) }
  }

  /// The setting with the longest name that a variable's name ends with.
  ///
  /// - Parameter variable: The name behind the prefix that all variables share.
  /// - Returns: The setting and what stands before its name and an underscore: empty if the
  ///   variable is for all caches, otherwise the name of one. `nil` if there is no such setting.
  static func matching(_ variable: String) -> (setting: Setting, cacheName: String)? {
    if let setting = all.first(where: { $0.name == variable }) { return (setting, "") }
    let matches = all.filter { variable.hasSuffix("_" + $0.name) }
    guard let setting = matches.max(by: { $0.name.utf8.count < $1.name.utf8.count }) else {
      return nil
    }
    let cacheName = String(variable.dropLast(setting.name.count + 1))
    return cacheName.isEmpty ? nil : (setting, cacheName)
  }
}

extension Setting {
  /// Whether only a cache on a budget has it.
  var isOfBudget: Bool {
    ["ENABLED", "SIZE", "MIN_SIZE", "MAX_SIZE", "WEIGHT", "METRICS", "LOG"].contains(name)
  }

  /// Whether a cache with one owner has no use for it.
  var isOfSharedCaches: Bool { optionName.hasPrefix("loading.") || name == "LOG" }

  /// How a program that changes it while the cache is used leaves its mark.
  var mark: ChangedSettings {
    switch name {
    case "MAX_ENTRIES": .entryLimit
    case "MAX_ENTRY_SIZE": .entryByteLimit
    case "TTL": .timeToLive
    default: []
    }
  }

  /// Every setting, in the order in which they are explained.
  static let all: [Setting] = [
    Setting(
      "ENABLED", \.isEnabled, option: "isEnabled",
      accepted: "true, on, yes, 1, false, off, no or 0",
      read: ValueReader.flag, text: { $0 ? "true" : "false" }),
    Setting(
      "SIZE", \.size, option: "size",
      accepted: "auto, 0% to 100% of the function's memory, or a size up to 1TiB such as 48MiB",
      read: ValueReader.memorySize, text: \.description),
    bound("MIN_SIZE", \.minimumSize, option: "minimumSize"),
    bound("MAX_SIZE", \.maximumSize, option: "maximumSize"),
    Setting(
      "WEIGHT", \.weight, option: "weight",
      accepted: "a number from 0.01 to 100 such as 2 or 0.5",
      read: { ValueReader.decimal($0, in: CacheSettings.weights) }, text: { "\($0)" }),
    Setting(
      "MAX_ENTRIES", \.entryLimit, option: "entryLimit",
      accepted: "none or a whole number from 1 to 2147483647",
      read: optional { ValueReader.wholeNumber($0, in: 1...2_147_483_647) },
      text: { $0.map(String.init) ?? "none" }),
    Setting(
      "MAX_ENTRY_SIZE", \.entryByteLimit, option: "entryByteLimit",
      accepted: "none or a size up to 1TiB such as 512KiB",
      read: optional(ValueReader.byteCount),
      text: { $0.map { ByteCountFormat.short($0) } ?? "none" }),
    Setting(
      "POLICY", \.policy, option: "policy",
      accepted: "lru, watch, adaptive, adaptive-bytes or adaptive-time",
      read: ValueReader.policy, text: \.name),
    duration("TTL", \.timeToLive, option: "expiration.timeToLive", zero: .refused),
    duration("IDLE_TTL", \.idleTimeToLive, option: "expiration.idleTimeToLive", zero: .refused),
    Setting(
      "TTL_JITTER", \.timeToLiveJitter, option: "expiration.jitter",
      accepted: "none, 0% to 100%, or a duration up to 3650d with its unit such as 30s",
      read: ValueReader.jitter,
      text: {
        switch $0 {
        case .none: "none"
        case .fraction(let part): PercentFormat.text(part * 100)
        case .duration(let duration): DurationFormat.text(duration)
        }
      }),
    duration(
      "NEGATIVE_TTL", \.negativeTimeToLive, option: "loading.negativeTimeToLive", zero: .meansNone),
    duration(
      "STALE_WHILE_REVALIDATE", \.staleWhileRevalidate, option: "loading.staleWhileRevalidate",
      zero: .meansNone),
    duration(
      "STALE_IF_ERROR", \.staleIfError, option: "loading.staleIfError", zero: .meansNone),
    Setting(
      "METRICS", \.metrics, option: "metrics",
      accepted: "off, invocation, or a number of invocations from 1 to 1000000",
      read: metricsInterval,
      text: {
        switch $0 {
        case .off: "off"
        case .invocations(1): "invocation"
        case .invocations(let count): "\(count)"
        }
      }),
    Setting(
      "LOG", \.loggedPercent, option: "log", accepted: "off, all, or 0% to 100% of the keys",
      read: ValueReader.loggedPercent,
      text: { $0 == 0 ? "off" : $0 == 100 ? "all" : PercentFormat.text($0) }),
  ]

  /// The meaning of a duration of zero.
  private enum Zero {
    /// It turns the feature off, as `none` does.
    case meansNone

    /// It could be meant as "never" or as "at once", so it is an error.
    case refused
  }

  private static func duration(
    _ name: String, _ property: any WritableKeyPath<CacheSettings, Duration?> & Sendable,
    option: String, zero: Zero
  ) -> Setting {
    Setting(
      name, property, option: option,
      accepted: (zero == .meansNone ? "none, 0, or" : "none or")
        + " a duration above zero up to 3650d such as 300, 5m, 1h30m or 500ms",
      read: { text in
        if ValueReader.normalized(text) == "none" { return .some(nil) }
        guard let duration = ValueReader.duration(text) else { return nil }
        if duration > .zero { return duration }
        return zero == .meansNone ? .some(nil) : nil
      },
      text: { $0.map(DurationFormat.text) ?? "none" })
  }

  private static func bound(
    _ name: String, _ property: any WritableKeyPath<CacheSettings, MemorySize?> & Sendable,
    option: String
  ) -> Setting {
    Setting(
      name, property, option: option,
      accepted: "none, 0% to 100% of the function's memory, or a size up to 1TiB such as 48MiB",
      read: optional { text in
        let size = ValueReader.memorySize(text)
        return size == .automatic ? nil : size
      },
      text: { $0?.description ?? "none" })
  }

  /// A reader that also takes `none`.
  private static func optional<Value>(
    _ read: @escaping @Sendable (String) -> Value?
  ) -> @Sendable (String) -> Value?? {
    { text in
      if ValueReader.normalized(text) == "none" { return .some(nil) }
      return read(text).map { .some($0) }
    }
  }

  private static func metricsInterval(_ text: String) -> CacheSettings.MetricsInterval? {
    switch ValueReader.normalized(text) {
    case "off", "none": return .off
    case "invocation": return .invocations(1)
    default:
      return ValueReader.wholeNumber(text, in: 1...1_000_000).map { .invocations($0) }
    }
  }
}

/// Durations as people read them.
enum DurationFormat {
  /// Units from days to milliseconds, those that are zero left out: `1h30m`, `500ms`.
  ///
  /// A part of a millisecond is cut off, and so is what is longer than 8,900 years.
  static func text(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.clamped.components
    let units: [(String, Int64)] = [
      ("d", seconds / 86_400), ("h", seconds / 3600 % 24), ("m", seconds / 60 % 60),
      ("s", seconds % 60), ("ms", attoseconds / 1_000_000_000_000_000),
    ]
    let text = units.filter { $0.1 != 0 }.map { "\($0.1)\($0.0)" }.joined()
    return text.isEmpty ? "0s" : text
  }
}
