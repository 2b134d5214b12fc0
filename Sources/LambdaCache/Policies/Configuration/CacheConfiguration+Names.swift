/// Names of caches whose variables are not theirs alone.
extension CacheConfiguration {
  /// Checks that each variable of each cache belongs to that cache alone.
  ///
  /// <!-- with: Order, User -->
  /// ```swift
  /// let budget = try MemoryBudget()
  /// let users = Cache<String, User>(named: "users", in: budget)
  /// let orders = Cache<String, Order>(named: "orders", in: budget)
  /// try budget.configuration.checkCacheNames()
  /// ```
  ///
  /// Two kinds of names are refused:
  ///
  /// - Several that are the same in variables: `users-1`, `users_1` and `Users.1` share
  ///   `LAMBDA_CACHE_USERS_1_TTL`.
  /// - One that ends as the name of a setting begins: `LAMBDA_CACHE_MAX_SIZE` is no variable of a
  ///   cache `max` but the largest size of all caches, and `LAMBDA_CACHE_USERS_IDLE_TTL` is the
  ///   idle time of a cache `users` and not the time to live of `users-idle`. So no name may end
  ///   with `min`, `max`, `max-entry`, `idle` or `negative`. Nor may it be empty.
  ///
  /// Nothing else checks names: a cache is made whatever its name is, because a function that is
  /// deployed must not end for it. Call this in a test, or where the program begins.
  /// ``explainConfiguration()`` lists what it would throw.
  ///
  /// - Parameter names: Names to check beside those that this configuration has been asked for, as
  ///   each cache does that is made from it.
  /// - Throws: ``ConfigurationError`` that names every such variable and cache.
  public func checkCacheNames(
    _ names: some Sequence<String> = EmptyCollection<String>()
  ) throws(ConfigurationError) {
    let issues = Self.issues(ofNames: namesAskedFor.all + Array(names))
    guard issues.isEmpty else { throw ConfigurationError(issues: issues) }
  }

  /// The faults of names that exist together.
  static func issues(ofNames names: [String]) -> [ConfigurationError.Issue] {
    var issues: [ConfigurationError.Issue] = []
    let groups = Dictionary(grouping: Set(names.map(ExactString.init))) {
      variableName(ofCache: $0.text)
    }
    for (inVariables, group) in groups {
      let names = group.map(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      guard !inVariables.isEmpty else {
        issues.append(
          .init(
            variable: prefix, cacheNames: names, accepted: "a name of at least one character"))
        continue
      }
      if names.count > 1 {
        issues.append(
          .init(
            variable: "\(prefix)\(inVariables)_…", cacheNames: names,
            accepted: "names that differ in their letters and digits of ASCII"))
      }
      for setting in Setting.all {
        if let owner = otherOwner(of: setting, inVariables) {
          issues.append(
            .init(
              variable: "\(prefix)\(inVariables)_\(setting.name)", cacheNames: names,
              accepted: "names that do not end as a setting begins; this is \(owner)"))
        }
      }
    }
    return issues
  }

  /// The owner of the variable that a cache seems to have for a setting; `nil` for the cache
  /// itself.
  private static func otherOwner(of setting: Setting, _ inVariables: String) -> String? {
    let variable = "\(inVariables)_\(setting.name)"
    guard let (found, cacheName) = Setting.matching(variable), cacheName != inVariables else {
      return nil
    }
    return cacheName.isEmpty
      ? "the setting \(found.name) of all caches" : "the setting \(found.name) of \(cacheName)"
  }
}

/// The caches that a configuration was asked for, and what their options say.
final class NameLog: Sendable {
  /// The caches of the process, whichever configuration they were made from.
  static let process = NameLog()

  /// More than any program has; one that makes up names must not fill the memory.
  private static let limit = 1024

  private let defaults = Locked<[ExactString: CacheSettings]>([:])

  /// The names, in no particular order.
  var all: [String] { defaults.withLock { $0.keys.map(\.text) } }

  /// The names and what the options of their caches say, by name.
  var sorted: [(name: String, defaults: CacheSettings)] {
    defaults.withLock { $0.map { ($0.key.text, $0.value) } }
      .sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
  }

  /// Notes a cache; of several with one name the last one counts.
  func note(_ name: String, defaults settings: CacheSettings) {
    defaults.withLock { defaults in
      let name = ExactString(name)
      if defaults.count < Self.limit || defaults[name] != nil { defaults[name] = settings }
    }
  }
}
