import LambdaCache
import Testing

@testable import LambdaCacheHandlers

/// Statistics that a test sets.
final class MeterStub: CacheStatisticsSource {
  private let value = Locked(CacheStatistics())

  var statistics: CacheStatistics { value.withLock { $0 } }

  func set(_ change: @Sendable (inout CacheStatistics) -> Void) { value.withLock { change(&$0) } }

  func add(hits: Int = 0, misses: Int = 0, loads: Int = 0, loadTime: Duration = .zero) {
    value.withLock { value in
      value.hits += hits
      value.misses += misses
      value.loadSuccesses += loads
      value.loadTime += loadTime
    }
  }
}

struct WriteRefusal: Error {}

/// The text that was written.
final class LinePaper: Sendable {
  private struct State {
    var text: [String] = []
    var refusals = 0
    var errors = 0
  }

  private let state = Locked(State())

  var writes: [String] { state.withLock { $0.text } }
  var lines: [String] { writes.flatMap { $0.split(separator: "\n").map(String.init) } }
  var errorCount: Int { state.withLock { $0.errors } }

  func refuse(times: Int) { state.withLock { $0.refusals = times } }

  @Sendable func write(_ bytes: [UInt8]) throws {
    let isRefused = state.withLock { state in
      guard state.refusals == 0 else {
        state.refusals -= 1
        return true
      }
      state.text.append(String(decoding: bytes, as: UTF8.self))
      return false
    }
    if isRefused { throw WriteRefusal() }
  }

  @Sendable func note(_ error: any Error) { state.withLock { $0.errors += 1 } }

  /// The members of each line, all of which must be valid.
  func documents() throws -> [JSONTree] {
    for write in writes { #expect(write.hasSuffix("\n")) }
    for line in lines { #expect(try EmbeddedMetricFormat.violations(of: line) == []) }
    return try lines.map(JSONTree.init(json:))
  }
}

let lambdaEnvironment = [
  "AWS_LAMBDA_FUNCTION_NAME": "search", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
]

/// Metrics that write on paper, always at the same time.
func makeMetrics(
  _ caches: [String: any CacheStatisticsSource], on paper: LinePaper, namespace: String = "Shop",
  dimensionSets: [[String]] = [["FunctionName", "CacheName"]],
  dimensions: [String: String] = [:], every count: Int = 1, prices: SavingsPrices? = nil,
  loadTimes: [String: Duration] = [:], environment: [String: String] = lambdaEnvironment
) throws -> SavingsMetrics {
  try SavingsMetrics(
    caches: caches, everyInvocations: count, namespace: namespace, dimensionSets: dimensionSets,
    dimensions: dimensions, prices: prices ?? SavingsPrices(), loadTimes: loadTimes,
    environment: environment, timestamp: { 1_764_000_003_000 }, sink: paper.write,
    onFailure: paper.note)
}
