/// The settings of every cache of a process, read from its environment.
///
/// The environment is read once, when a configuration is made, and from a dictionary that may be
/// any other. A setting of one cache comes from the first of these that has it:
///
/// 1. the variable of that cache, `LAMBDA_CACHE_<NAME>_…`,
/// 2. the variable of all caches, `LAMBDA_CACHE_…`,
/// 3. the options of the cache, see ``CacheOptions``.
///
/// The name of a cache stands in its variables in upper case, every character other than a letter
/// or digit of ASCII as an underscore: the cache `user-profiles` has
/// `LAMBDA_CACHE_USER_PROFILES_TTL`. Names that are the same in variables, and names that end as a
/// setting begins, do not have variables of their own: ``checkCacheNames(_:)`` finds them.
///
/// | variable | value | default |
/// |---|---|---|
/// | `LAMBDA_CACHE_ENABLED` | `true`, `on`, `yes`, `1`; `false`, `off`, `no`, `0` | `true` |
/// | `LAMBDA_CACHE_SIZE` | `auto`, a size, `0%`–`100%` of the function's memory | `auto` |
/// | `LAMBDA_CACHE_MIN_SIZE` | `none`, a size, `0%`–`100%` of the function's memory | `none` |
/// | `LAMBDA_CACHE_MAX_SIZE` | `none`, a size, `0%`–`100%` of the function's memory | `none` |
/// | `LAMBDA_CACHE_WEIGHT` | 0.01–100, what a byte is worth beside another cache's | `1` |
/// | `LAMBDA_CACHE_MAX_ENTRIES` | `none`, 1–2,147,483,647 | `none` |
/// | `LAMBDA_CACHE_MAX_ENTRY_SIZE` | `none`, a size | `none` |
/// | `LAMBDA_CACHE_POLICY` | `lru`, `watch`, `adaptive`, `adaptive-bytes`, `adaptive-time` | `lru` |
/// | `LAMBDA_CACHE_TTL` | `none`, a duration above zero | `none` |
/// | `LAMBDA_CACHE_IDLE_TTL` | `none`, a duration above zero | `none` |
/// | `LAMBDA_CACHE_TTL_JITTER` | `none`, `0%`–`100%` of the time to live, a duration with its unit | `none` |
/// | `LAMBDA_CACHE_NEGATIVE_TTL` | `none` or `0`, a duration | `none` |
/// | `LAMBDA_CACHE_STALE_WHILE_REVALIDATE` | `none` or `0`, a duration | `none` |
/// | `LAMBDA_CACHE_STALE_IF_ERROR` | `none` or `0`, a duration | `none` |
/// | `LAMBDA_CACHE_METRICS` | `off`, `invocation`, 1–1,000,000 invocations | `off` |
/// | `LAMBDA_CACHE_LOG` | `off`, `all`, `0%`–`100%` of the keys; see <doc:RequestLog> | `off` |
/// | `LAMBDA_CACHE_LOG_SECRET` | 16 characters or more; only for all caches together | none |
/// | `LAMBDA_CACHE_RESERVE` | `auto`, a size, `0%`–`100%`; only for all caches together | `auto` |
///
/// A size is a number of bytes, or a number with `KiB`, `MiB`, `GiB` or `TiB`: `1024`, `48MiB`,
/// `1.5GiB`, at most 1 TiB. `KB`, `MB`, `GB`, `TB` and single letters mean the same powers of
/// 1,024, because Lambda's own MB does. A duration is a number of seconds, or numbers with `d`,
/// `h`, `m`, `s`, `ms` in this order: `300`, `5m`, `1h30m`, `500ms`, at most ten years of 365
/// days. Upper and lower case are the same. An empty value is the same as no variable.
public struct CacheConfiguration: Sendable {
  /// The beginning of the name of every variable.
  static let prefix = "LAMBDA_CACHE_"

  /// A variable that was read.
  struct Assignment: Sendable {
    let variable: String
    let value: String
    let change: Setting.Change
  }

  /// The variables of all caches, by the names of their settings.
  private let shared: [String: Assignment]

  /// The variables of single caches, by the cache's name as it stands in variables and by
  /// the name of the setting.
  private let individual: [String: [String: Assignment]]

  /// The caches that settings were asked for.
  let namesAskedFor = NameLog()

  /// The memory that is kept for the handler; ``MemorySize/automatic`` if nothing is set.
  package let reserve: MemorySize

  /// The secret that keys are hashed with in request logs; `nil` if nothing is set.
  let logSecret: String?

  /// The variables with the package's prefix, or nearly so, that name no setting, in alphabetical
  /// order.
  ///
  /// A variable such as `LAMBDA_CACHE_USRES_TTL` is not among them, because a cache may be called
  /// `usres`: ``unknownVariables(forCaches:)`` also finds it.
  package let unknownVariables: [String]

  /// Reads a configuration from environment variables.
  ///
  /// - Parameter environment: The variables by name; `nil` for those of this process.
  /// - Throws: ``ConfigurationError`` that names every variable whose value cannot be used.
  public init(
    environment: [String: String]? = nil
  ) throws(ConfigurationError) {
    let environment = environment ?? ProcessEnvironment.current
    var issues: [ConfigurationError.Issue] = []
    var unknown: [String] = []
    var shared: [String: Assignment] = [:]
    var individual: [String: [String: Assignment]] = [:]
    var reserve = MemorySize.automatic
    let logSecret = LogSecretVariable.read(environment, issues: &issues)
    for (variable, value) in environment {
      guard variable.hasPrefix(Self.prefix) else {
        if Self.resemblesPrefix(variable) { unknown.append(variable) }
        continue
      }
      let name = String(variable.dropFirst(Self.prefix.count))
      if name == ReserveVariable.settingName {
        reserve = ReserveVariable.read(environment, issues: &issues)
        continue
      }
      if name == LogSecretVariable.settingName { continue }
      guard let (setting, cacheName) = Setting.matching(name) else {
        unknown.append(variable)
        continue
      }
      if ValueReader.normalized(value).isEmpty { continue }
      guard let change = setting.change(value) else {
        issues.append(.init(variable: variable, value: value, accepted: setting.accepted))
        continue
      }
      let assignment = Assignment(variable: variable, value: value, change: change)
      if cacheName.isEmpty {
        shared[setting.name] = assignment
      } else {
        individual[cacheName, default: [:]][setting.name] = assignment
      }
    }
    guard issues.isEmpty else { throw ConfigurationError(issues: issues) }
    self.shared = shared
    self.individual = individual
    self.reserve = reserve
    self.logSecret = logSecret
    unknownVariables = unknown.sorted()
  }

  /// The configuration of an environment without variables.
  package static let empty = CacheConfiguration()

  private init() {
    shared = [:]
    individual = [:]
    reserve = .automatic
    logSecret = nil
    unknownVariables = []
  }

  /// The settings of one cache, whose name ``checkCacheNames(_:)`` checks from then on.
  ///
  /// - Parameters:
  ///   - name: The name of the cache.
  ///   - defaults: The settings where no variable gives another.
  package func settings(
    forCache name: String, defaults: CacheSettings = CacheSettings()
  ) -> CacheSettings {
    namesAskedFor.note(name, defaults: defaults)
    NameLog.process.note(name, defaults: defaults)
    return effectiveSettings(forCache: name, defaults: defaults)
  }

  /// ``settings(forCache:defaults:)`` for an explanation, which makes no cache.
  func effectiveSettings(forCache name: String, defaults: CacheSettings) -> CacheSettings {
    var settings = defaults
    for setting in Setting.all {
      assignment(of: setting, forCache: name)?.change(&settings)
    }
    return settings
  }

  /// The variables with the package's prefix, or nearly so, that have no effect, in alphabetical
  /// order.
  ///
  /// A variable for one cache cannot be distinguished from a mistyped one until the names of the
  /// caches are known; call this when all of them are made. A ``MemoryBudget`` logs them at the end
  /// of the first invocation, with the most similar name that exists.
  ///
  /// - Parameter names: The names of all caches of the process.
  /// - Returns: Those that name no setting, the variables of caches that are not among the names,
  ///   and those whose names begin nearly as the prefix, as `lambda_cache_ttl` does.
  public func unknownVariables(forCaches names: some Sequence<String>) -> [String] {
    let known = Set(names.map(Self.variableName))
    let unclaimed = individual.filter { !known.contains($0.key) }
      .flatMap { $0.value.values.map(\.variable) }
    return (unknownVariables + unclaimed).sorted()
  }

  /// The variable that decides a setting of a cache, if there is one.
  func assignment(of setting: Setting, forCache name: String) -> Assignment? {
    individual[Self.variableName(ofCache: name)]?[setting.name] ?? shared[setting.name]
  }

  /// The variables that decide settings of a cache, as `NAME=value`, by the names of the settings.
  func variables(forCache name: String) -> [String: String] {
    var variables: [String: String] = [:]
    for setting in Setting.all {
      guard let assignment = assignment(of: setting, forCache: name) else { continue }
      variables[setting.name] = "\(assignment.variable)=\(assignment.value)"
    }
    return variables
  }

  /// The names, as they stand in variables, of the caches that have variables of their own.
  var namesInVariables: [String] { individual.keys.sorted() }

  /// The name of a cache as it stands in its variables.
  static func variableName(ofCache name: String) -> String {
    String(
      String.UnicodeScalarView(
        name.unicodeScalars.map { scalar in
          switch scalar {
          case "a"..."z": Unicode.Scalar(UInt8(scalar.value - 32))
          case "A"..."Z", "0"..."9": scalar
          default: "_"
          }
        }))
  }
}

/// `LAMBDA_CACHE_RESERVE`, which the configuration checks and the memory budget uses.
enum ReserveVariable {
  static let settingName = "RESERVE"
  static let name = CacheConfiguration.prefix + settingName

  /// The value, or ``MemorySize/automatic`` if it is absent or, then also an issue, unusable.
  static func read(
    _ environment: [String: String], issues: inout [ConfigurationError.Issue]
  ) -> MemorySize {
    guard let value = environment[name], !ValueReader.normalized(value).isEmpty else {
      return .automatic
    }
    if let size = ValueReader.memorySize(value) { return size }
    issues.append(
      .init(
        variable: name, value: value,
        accepted: "auto, 0% to 100% of the function's memory, or a size up to 1TiB such as 48MiB"))
    return .automatic
  }
}

/// `LAMBDA_CACHE_LOG_SECRET`, whose value is never shown.
enum LogSecretVariable {
  static let settingName = "LOG_SECRET"
  static let name = CacheConfiguration.prefix + settingName

  /// A shorter one could be found by trial.
  private static let leastLength = 16

  /// The secret, or `nil` if it is absent or, then also an issue, too short.
  static func read(
    _ environment: [String: String], issues: inout [ConfigurationError.Issue]
  ) -> String? {
    guard let secret = environment[name], !ValueReader.normalized(secret).isEmpty else {
      return nil
    }
    if secret.utf8.count >= leastLength { return secret }
    issues.append(
      .init(
        variable: name, value: String(repeating: "*", count: secret.count),
        accepted: "a text of at least \(leastLength) bytes"))
    return nil
  }
}
