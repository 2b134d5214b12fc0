public import LambdaCache

/// Reports the savings of caches as metrics of CloudWatch, in its embedded metric format: a line on
/// standard output, from which CloudWatch Logs makes metrics by itself.
///
/// <!-- with: prices, profiles -->
/// ```swift
/// func makeMetrics() throws -> SavingsMetrics {
///   try SavingsMetrics(caches: ["profiles": profiles, "prices": prices])
/// }
/// ```
///
/// | metric | unit | |
/// |---|---|---|
/// | `Hits` | Count | look-ups with an answer: a value, an expired one, or "there is none" |
/// | `Misses` | Count | look-ups that were not |
/// | `Refreshes` | Count | loads that no look-up needed: surplus and discarded loads |
/// | `HitRate` | Percent | left out where nothing was looked up |
/// | `DatabaseCallsSaved` | Count | hits − refreshes |
/// | `TimeSaved` | Milliseconds | database calls saved × mean time of a load |
/// | `GBSecondsSaved` | None | seconds saved × memory setting in MB ÷ 1024 |
/// | `DollarsSaved` | None | both at their prices |
/// | `Entries` | Count | entries at the end |
/// | `Bytes` | Bytes | bytes in use at the end |
/// | `Evictions` | Count | entries that left to make room, or because memory ran short |
/// | `Rejections` | Count | values that were not stored |
///
/// A *load* is a call of a loading closure. A refresh is a load before a value expires, one behind
/// an expired value that was served, one that failed so that an expired value was served, or one
/// that was made twice because of a freeze; a load that replaces an expired value before the caller
/// is answered is none.
///
/// The figures assume
/// - that a hit would have been a load, as long as the mean of all loads of this cache so far,
///   those that brought no value and those that refreshed included;
/// - that the handler would have waited for one load after the other. Where it makes several at
///   once, time is counted more than once;
/// - that a look-up takes no time, which is right to about 50 ns;
/// - that an expired value was served in the place of a load.
///
/// Misses that shared a load of another caller were saved a call too. They are not counted, for
/// statistics cannot separate them from misses after which the caller asked the database on its
/// own. So the calls saved are rather too few than too many. A cache whose caller sets values
/// itself has no times of loads: state one in `loadTimes`, or its hits save calls and no time.
///
/// A GB-second costs what AWS Lambda's price page (aws.amazon.com/lambda/pricing) has for the
/// architecture in US East (N. Virginia), first tier, as of 2025: check it against your own bill.
/// On Lambda Managed Instances no duration is billed, so that the price is 0. A database call has
/// no price by default; DynamoDB on demand, for example, asked 0.125 dollars for a million read
/// request units there in 2025: `dollarsPerDatabaseCall: 0.125 / 1_000_000`.
///
/// A look-up costs nothing more: statistics are read at the end of an invocation. A cache that was
/// not used since the last line gets none. Figures that are not written yet are lost when the
/// environment ends; call ``flush()`` when the program is notified of that.
public final class SavingsMetrics: Sendable {
  private struct State {
    var ledger: SavingsLedger
    /// Savings that no line has reported yet, by the name of the cache.
    var unreported: [String: Savings] = [:]
    var invocations = 0
    var isFlushing = false
    /// Whether another flush was requested meanwhile.
    var isWanted = false
  }

  /// The dimension whose value is the name of the function.
  static let functionDimension = "FunctionName"
  /// The dimension whose value is the name of a cache.
  static let cacheDimension = "CacheName"

  let caches: [(name: String, source: any CacheStatisticsSource)]
  let namespace: String
  let dimensionSets: [[String]]
  let customDimensions: [String: String]
  let functionName: String
  private let everyInvocations: Int
  let timestamp: @Sendable () -> Int64
  private let sink: @Sendable ([UInt8]) throws -> Void
  private let onFailure: @Sendable (any Error) -> Void
  private let state: Locked<State>

  /// Creates metrics of caches: once, outside the handler.
  ///
  /// - Parameters:
  ///   - caches: The caches by name.
  ///   - configuration: Settings of the environment: `LAMBDA_CACHE_METRICS`, or
  ///     `LAMBDA_CACHE_<NAME>_METRICS` for one cache, is `off`, `invocation`, or the number of
  ///     invocations that share a line. Caches whose metrics are off get no line; of the others'
  ///     intervals the shortest holds for all.
  ///   - everyInvocations: The number of invocations that share a line, from 1, where the
  ///     environment has no setting. By default it is 1 without `configuration`, and metrics are
  ///     off with it.
  ///   - namespace: The namespace of the metrics in CloudWatch.
  ///   - dimensionSets: The sets of dimensions that each metric is kept by; at least one, which may
  ///     be empty. `FunctionName` is `local` outside of Lambda. If no set has `CacheName`, the
  ///     caches are added up in one line. Each combination of values is a metric of its own, and is
  ///     billed as one (CloudWatch user guide, *Embedded metric format specification*).
  ///   - dimensions: The values of other dimensions in the sets, by name.
  ///   - dollarsPerGigabyteSecond: The price of a gigabyte (1,024 MB of the memory setting) during
  ///     a second; `nil` for the default of this architecture.
  ///   - dollarsPerDatabaseCall: The price of a call of the database.
  ///   - loadTimes: The time of a load, from 0, by the name of a cache that does not measure it.
  ///   - environment: The variables with the function's name and memory; `nil` for those of the
  ///     process.
  ///   - sink: Takes lines, each with a line feed at its end; `nil` for standard output. It is
  ///     never called by two threads at once, and must not call the metrics. If it throws, the
  ///     figures are kept for the next line.
  /// - Throws: ``SavingsMetricsError`` if CloudWatch would refuse a name, or a number makes no
  ///   sense.
  public convenience init(
    caches: [String: any CacheStatisticsSource], configuration: CacheConfiguration? = nil,
    everyInvocations: Int? = nil, namespace: String = "LambdaCache",
    dimensionSets: [[String]] = [["FunctionName", "CacheName"]],
    dimensions: [String: String] = [:], dollarsPerGigabyteSecond: Double? = nil,
    dollarsPerDatabaseCall: Double = 0, loadTimes: [String: Duration] = [:],
    environment: [String: String]? = nil, sink: (@Sendable ([UInt8]) throws -> Void)? = nil
  ) throws(SavingsMetricsError) {
    var (reported, interval) = (caches, everyInvocations ?? 1)
    if let configuration {
      (reported, interval) = Self.reported(caches, by: configuration, default: everyInvocations)
    }
    try self.init(
      caches: reported, everyInvocations: interval, namespace: namespace,
      dimensionSets: dimensionSets, dimensions: dimensions,
      prices: try SavingsPrices(
        perGigabyteSecond: dollarsPerGigabyteSecond, perDatabaseCall: dollarsPerDatabaseCall),
      // A time for a cache that is left out is no mistake, one for a cache that does not exist is.
      loadTimes: loadTimes.filter { caches[$0.key] == nil || reported[$0.key] != nil },
      environment: environment ?? ProcessEnvironment.current,
      timestamp: { SystemClocks.wall / 1_000_000 },
      sink: sink ?? { try LogStream.standardOutput.write($0) },
      onFailure: { error in
        Log.write(
          "LambdaCache: metrics were not written, and are kept for the next line: \(error)",
          level: .error)
      })
  }

  /// The caches that a configuration wants metrics of, and the shortest of their intervals.
  private static func reported(
    _ caches: [String: any CacheStatisticsSource], by configuration: CacheConfiguration,
    default interval: Int?
  ) -> (caches: [String: any CacheStatisticsSource], interval: Int) {
    let defaults = CacheSettings(
      metrics: interval.map(CacheSettings.MetricsInterval.invocations) ?? .off)
    var reported = caches
    var shortest: Int?
    for name in caches.keys {
      switch configuration.settings(forCache: name, defaults: defaults).metrics {
      case .off: reported[name] = nil
      case .invocations(let count): shortest = min(shortest ?? count, count)
      }
    }
    return (reported, shortest ?? 1)
  }

  init(
    caches: [String: any CacheStatisticsSource], everyInvocations: Int, namespace: String,
    dimensionSets: [[String]], dimensions: [String: String], prices: SavingsPrices,
    loadTimes: [String: Duration], environment: [String: String],
    timestamp: @escaping @Sendable () -> Int64, sink: @escaping @Sendable ([UInt8]) throws -> Void,
    onFailure: @escaping @Sendable (any Error) -> Void
  ) throws(SavingsMetricsError) {
    let functionName = environment["AWS_LAMBDA_FUNCTION_NAME"] ?? "local"
    try MetricNameRules.checkNamespace(namespace)
    try SavingsMetrics.check(
      dimensionSets, custom: dimensions, functionName: functionName,
      cacheNames: caches.keys.sorted())
    guard everyInvocations >= 1 else {
      throw SavingsMetricsError(
        setting: .everyInvocations, value: "\(everyInvocations)", accepted: "a number from 1")
    }
    for (name, time) in loadTimes where caches[name] == nil || time < .zero {
      throw SavingsMetricsError(
        setting: .loadTime, value: "\(name): \(time)",
        accepted: "a time from 0, by the name of one of the caches")
    }
    self.caches = caches.sorted { $0.key < $1.key }.map { (name: $0.key, source: $0.value) }
    self.namespace = namespace
    self.dimensionSets = dimensionSets
    customDimensions = dimensions
    self.functionName = functionName
    self.everyInvocations = everyInvocations
    self.timestamp = timestamp
    self.sink = sink
    self.onFailure = onFailure
    state = Locked(
      State(
        ledger: SavingsLedger(
          prices: prices, memoryMegabytes: try SavingsMetrics.memoryMegabytes(environment),
          loadTimes: loadTimes)))
  }

  /// Ends an invocation, and writes a line if it is time for one.
  public func endInvocation() {
    let isDue = state.withLock { state in
      state.invocations += 1
      guard state.invocations >= everyInvocations else { return false }
      state.invocations = 0
      return true
    }
    if isDue { flush() }
  }

  /// Writes the figures that no line has reported yet.
  ///
  /// If another thread is doing that, it does it once more.
  public func flush() {
    let isMine = state.withLock { state in
      state.isWanted = true
      defer { state.isFlushing = true }
      return !state.isFlushing
    }
    guard isMine else { return }
    while isStillWanted() { writeLines() }
  }

  private func isStillWanted() -> Bool {
    state.withLock { state in
      defer { state.isWanted = false }
      state.isFlushing = state.isWanted
      return state.isWanted
    }
  }

  /// Only one thread at a time is here, so that readings come in order.
  private func writeLines() {
    let readings = caches.map { ($0.name, $0.source.statistics) }
    let unreported = state.withLock { state in
      for (name, statistics) in readings {
        let saved = state.ledger.record(statistics, of: name)
        if !saved.isEmpty {
          state.unreported[name] = saved.following(state.unreported[name] ?? .zero)
        }
      }
      defer { state.unreported = [:] }
      return state.unreported
    }
    guard !unreported.isEmpty else { return }
    do {
      try sink(lines(for: unreported))
    } catch {
      state.withLock { $0.unreported = unreported }
      onFailure(error)
    }
  }
}
