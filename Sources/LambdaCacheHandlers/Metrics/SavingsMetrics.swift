public import LambdaCache

/// Reports what caches save as metrics of CloudWatch, in its embedded metric format: a line on
/// standard output, from which CloudWatch Logs makes metrics by itself.
///
/// ```swift
/// let metrics = try SavingsMetrics(caches: ["profiles": profiles, "prices": prices])
/// let runtime = LambdaRuntime(body: metered(by: metrics, handler))
/// ```
///
/// | metric | unit | |
/// |---|---|---|
/// | `Hits`, `Misses`, `Refreshes` | Count | see ``Savings`` |
/// | `HitRate` | Percent | left out where nothing was looked up |
/// | `DatabaseCallsSaved` | Count | net of refreshes |
/// | `TimeSaved` | Milliseconds | |
/// | `GBSecondsSaved`, `DollarsSaved` | None | |
///
/// The formulas and what they assume are those of ``SavingsLedger``; prices are ``SavingsPrices``.
/// Nothing is done when a cache is asked: statistics are read at the end of an invocation. A cache
/// that was not used since the last line gets none.
///
/// What happened since the last line is lost if the environment ends; call ``flush()`` where you
/// learn of that.
public final class SavingsMetrics: Sendable {
  /// Takes one line or several, each with a line feed at its end.
  ///
  /// It is never called by two threads at once, and must not call the metrics.
  public typealias Sink = @Sendable ([UInt8]) throws -> Void

  private struct State {
    var ledger: SavingsLedger
    /// What no line has told yet, by the name of the cache.
    var untold: [String: Savings] = [:]
    var invocations = 0
    var isFlushing = false
    /// Whether another flush was asked for meanwhile.
    var isWanted = false
  }

  let caches: [(name: String, source: any CacheStatisticsSource)]
  let namespace: String
  let dimensionSets: [[SavingsDimension]]
  let functionName: String
  private let everyInvocations: Int
  let timestamp: @Sendable () -> Int64
  private let sink: Sink
  private let onFailure: @Sendable (any Error) -> Void
  private let state: Locked<State>

  /// Creates metrics of caches: once, outside the handler.
  ///
  /// - Parameters:
  ///   - caches: The caches by name.
  ///   - namespace: The namespace of the metrics in CloudWatch.
  ///   - dimensionSets: The sets of dimensions that each metric is kept by; at least one, which may
  ///     be empty. If no set has the name of the cache, the caches are added up in one line.
  ///   - everyInvocations: How many invocations share a line, from 1.
  ///   - prices: The prices; the defaults of this architecture if left out.
  ///   - loadTimes: How long a load takes, by the name of a cache whose values are not loaded by
  ///     it; see ``SavingsLedger``.
  ///   - environment: Where the function's name and memory are looked up.
  ///   - timestamp: Milliseconds since 1970; `nil` for the system's clock.
  ///   - sink: Takes the lines; ``StandardOutput`` if left out.
  ///   - onFailure: Told of errors of `sink`; the figures are kept for the next line. One line on
  ///     standard error if left out.
  /// - Throws: ``SavingsMetricsError`` if CloudWatch would refuse a name, or a number makes no
  ///   sense.
  public init(
    caches: [String: any CacheStatisticsSource], namespace: String = "LambdaCache",
    dimensionSets: [[SavingsDimension]] = [[.functionName, .cacheName]],
    everyInvocations: Int = 1, prices: SavingsPrices = .current,
    loadTimes: [String: Duration] = [:],
    environment: [String: String] = ProcessEnvironment.current,
    timestamp: (@Sendable () -> Int64)? = nil, sink: @escaping Sink = StandardOutput.write,
    onFailure: (@Sendable (any Error) -> Void)? = nil
  ) throws(SavingsMetricsError) {
    let functionName = environment["AWS_LAMBDA_FUNCTION_NAME"] ?? "local"
    try MetricNameRules.checkNamespace(namespace)
    try SavingsMetrics.check(
      dimensionSets, functionName: functionName, cacheNames: caches.keys.sorted())
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
    self.functionName = functionName
    self.everyInvocations = everyInvocations
    self.timestamp = timestamp ?? { SystemClocks.wall / 1_000_000 }
    self.sink = sink
    self.onFailure = onFailure ?? StandardOutput.logFailure
    state = Locked(
      State(
        ledger: SavingsLedger(
          prices: prices, memoryMegabytes: try SavingsMetrics.memoryMegabytes(environment),
          loadTimes: loadTimes)))
  }

  /// Creates metrics of caches as the environment says: `LAMBDA_CACHE_METRICS`, or
  /// `LAMBDA_CACHE_<NAME>_METRICS` for one cache, is `off`, `invocation`, or how many invocations
  /// share a line.
  ///
  /// - Parameters:
  ///   - caches: The caches by name. Those whose metrics are off get no line; of the others'
  ///     intervals the shortest holds for all.
  ///   - configuration: What the environment says.
  ///   - namespace: The namespace of the metrics in CloudWatch.
  ///   - dimensionSets: The sets of dimensions that each metric is kept by.
  ///   - prices: The prices; the defaults of this architecture if left out.
  ///   - loadTimes: How long a load takes, by the name of a cache whose values are not loaded by
  ///     it.
  ///   - environment: Where the function's name and memory are looked up.
  ///   - sink: Takes the lines; ``StandardOutput`` if left out.
  /// - Throws: ``SavingsMetricsError`` if CloudWatch would refuse a name, or a number makes no
  ///   sense.
  public convenience init(
    caches: [String: any CacheStatisticsSource], configuration: CacheConfiguration,
    namespace: String = "LambdaCache",
    dimensionSets: [[SavingsDimension]] = [[.functionName, .cacheName]],
    prices: SavingsPrices = .current, loadTimes: [String: Duration] = [:],
    environment: [String: String] = ProcessEnvironment.current,
    sink: @escaping Sink = StandardOutput.write
  ) throws(SavingsMetricsError) {
    try self.init(
      caches: caches, configuration: configuration, interval: .off, namespace: namespace,
      dimensionSets: dimensionSets, prices: prices, loadTimes: loadTimes, environment: environment,
      sink: sink)
  }

  /// Creates metrics with an interval where the environment says nothing.
  package convenience init(
    caches: [String: any CacheStatisticsSource], configuration: CacheConfiguration,
    interval: CacheSettings.MetricsInterval, namespace: String = "LambdaCache",
    dimensionSets: [[SavingsDimension]] = [[.functionName, .cacheName]],
    prices: SavingsPrices = .current, loadTimes: [String: Duration] = [:],
    environment: [String: String] = ProcessEnvironment.current,
    sink: @escaping Sink = StandardOutput.write
  ) throws(SavingsMetricsError) {
    var reported = caches
    var shortest: Int?
    for name in caches.keys {
      let settings = configuration.settings(
        forCache: name, defaults: CacheSettings(metrics: interval))
      switch settings.metrics {
      case .off: reported[name] = nil
      case .invocations(let count): shortest = min(shortest ?? count, count)
      }
    }
    try self.init(
      caches: reported, namespace: namespace, dimensionSets: dimensionSets,
      everyInvocations: shortest ?? 1, prices: prices,
      // A time for a cache that is left out is no mistake, one for a cache that there is not is.
      loadTimes: loadTimes.filter { caches[$0.key] == nil || reported[$0.key] != nil },
      environment: environment, sink: sink)
  }

  /// What all caches together have saved since they were made, as of the last line.
  public var total: Savings { state.withLock { $0.ledger.total } }

  /// Notes that an invocation has ended, and writes a line if it is time for one.
  public func endInvocation() {
    let isDue = state.withLock { state in
      state.invocations += 1
      guard state.invocations >= everyInvocations else { return false }
      state.invocations = 0
      return true
    }
    if isDue { flush() }
  }

  /// Writes what no line has told yet.
  ///
  /// If that is being done by another thread, it does it once more.
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
    let untold = state.withLock { state in
      for (name, statistics) in readings {
        let saved = state.ledger.record(statistics, of: name)
        if saved != .zero { state.untold[name, default: .zero] += saved }
      }
      defer { state.untold = [:] }
      return state.untold
    }
    guard !untold.isEmpty else { return }
    do {
      try sink(lines(for: untold))
    } catch {
      state.withLock { $0.untold = untold }
      onFailure(error)
    }
  }
}
