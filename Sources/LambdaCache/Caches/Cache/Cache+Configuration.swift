extension Cache {
  /// The value in effect of every setting of this cache and where it comes from, as text for
  /// people.
  ///
  /// A line for each setting says whether its value is that of a variable, which it names, of the
  /// options, the default, or one that was set at run time. ``CacheOptions`` states which of them
  /// goes before the others.
  ///
  /// - Returns: Several lines, the last one with a line break as well.
  public func explainConfiguration() -> String {
    let (limits, policy, changes, missLogCapacity) = readState {
      (
        $0.core.limits, $0.core.evictionPolicy, $0.changedSettings,
        $0.core.auxiliary?.missLog?.capacity ?? 0
      )
    }
    var explanation = SettingsExplanation(
      of: "Cache<\(Key.self), \(Value.self)>", record: record, changes: changes)
    var settings = record?.settings ?? CacheSettings()
    settings.take(loadPolicy.withWindows(of: self))
    settings.entryLimit = limits.entryLimit == .max ? nil : limits.entryLimit
    settings.entryByteLimit = limits.entryByteLimit == .max ? nil : limits.entryByteLimit
    settings.timeToLive = timeToLive
    if let policy { settings.policy = policy }
    explanation.addByteLimit(byteLimit)
    explanation.add(settings, isShared: true)
    explanation.addComparison(statistics, policy: settings.policy)
    explanation.add(record?.expiration ?? Expiration())
    explanation.add(loadPolicy, earlyRefresh: earlyRefresh)
    explanation.add("entryTimeToLive", isSet: entryTimeToLive != nil)
    explanation.add("tags", isSet: tagging != nil)
    explanation.add("hasExactTags", "\(hasExactTags)", isDefault: !hasExactTags)
    explanation.add("onRemoval", isSet: listener != nil)
    let endsProcess = readState { $0.reportedRejections.contains(.endsProcess) }
    explanation.add("endsProcessForUnknownSize", "\(endsProcess)", isDefault: !endsProcess)
    explanation.add("clock", isSet: clock != nil)
    explanation.addMissLog(missLogCapacity)
    return explanation.text
  }
}

extension LoadPolicy {
  /// The policy with the windows that the cache keeps beside it.
  fileprivate func withWindows<Key, Value>(of cache: Cache<Key, Value>) -> LoadPolicy {
    var policy = self
    policy.staleWhileRevalidate = cache.staleWhileRevalidate
    policy.staleIfError = cache.staleIfError
    return policy
  }
}

extension SettingsExplanation {
  /// Adds what has no variable of a load policy.
  fileprivate mutating func add(_ policy: LoadPolicy, earlyRefresh: Double) {
    let standard = LoadPolicy()
    add("loading.earlyRefresh", "\(earlyRefresh)", isDefault: earlyRefresh == 0)
    add(
      "loading.refusedTimeToLive", DurationFormat.text(policy.refusedTimeToLive),
      isDefault: policy.refusedTimeToLive == .zero)
    for (name, backOff) in [
      ("throttledBackOff", policy.throttledBackOff), ("transientBackOff", policy.transientBackOff),
    ] {
      add("loading.\(name)", backOff.explanation, isDefault: backOff == .none)
    }
    add(
      "loading.finishesAbandonedLoads", "\(policy.finishesAbandonedLoads)",
      isDefault: !policy.finishesAbandonedLoads)
    add(
      "loading.failureByteLimit", ByteCountFormat.short(policy.failureByteLimit),
      isDefault: policy.failureByteLimit == standard.failureByteLimit)
    add("loading.classify", isSet: policy.classify != nil)
  }
}

extension BackOff {
  /// The first and the longest time.
  fileprivate var explanation: String {
    self == .none
      ? "none" : "\(DurationFormat.text(first)) to \(DurationFormat.text(longest))"
  }
}

extension BudgetRequest {
  /// The request of a cache with these settings.
  ///
  /// A minimum above the maximum, as an operator may set it against a program, is cut to it.
  package init(_ settings: CacheSettings, memory: Int) {
    let maximum = settings.maximumSize?.byteCount(ofMemory: memory)
    let minimum = settings.minimumSize?.byteCount(ofMemory: memory) ?? 0
    self.init(
      size: settings.size, minimumByteCount: min(minimum, maximum ?? .max),
      maximumByteCount: maximum, weight: settings.weight)
  }
}
