/// How the users are looked up in a phase.
enum PhaseMode: String, Codable, CaseIterable {
  /// Every request reads the database.
  case uncached
  /// Requests are answered by the cache where it can.
  case cached

  /// Its name in a progress line and a column.
  var label: String {
    switch self {
    case .uncached: "without cache"
    case .cached: "with cache"
    }
  }
}

/// The durations of all requests of a phase.
struct LatencyFigures: Codable, Equatable {
  /// Half of the requests took at most so long, in nanoseconds.
  var median: Int
  /// 99 of 100 requests took at most so long, in nanoseconds.
  var percentile99: Int
  /// The longest request, in nanoseconds.
  var maximum: Int
  /// All requests together, in nanoseconds.
  var total: Int
  /// All requests together, each rounded up to a whole millisecond as Lambda bills it.
  var billedMilliseconds: Int
  /// What the shares of all requests in ``shares`` took at most, in nanoseconds.
  var quantiles: [Int]

  /// The shares of ``quantiles``: each hundredth, and more at the end.
  static let shares = (0..<100).map { Double($0) / 100 } + [0.995, 0.999, 0.9999, 1]
}

/// What a phase had done up to some request.
struct PhaseSample: Codable, Equatable {
  var requests: Int
  /// Requests that the cache had answered.
  var hits: Int
  /// The resident set of the phase's process, in bytes.
  var residentByteCount: Int
}

/// The figures of a phase.
struct PhaseResult: Codable, Equatable {
  var mode: PhaseMode
  var requests: Int
  var databaseReads: Int
  /// The digest of all answers in their order.
  var digest: UInt64
  var latency: LatencyFigures
  /// The same with a modelled latency added for each database read; `nil` without a model.
  var modelledLatency: LatencyFigures?
  /// The largest resident set of the phase's process, in bytes.
  var peakResidentByteCount: Int
  /// The phase in time: after each hundredth of the requests.
  var samples: [PhaseSample]
  /// The cache's figures at the end; `nil` without cache.
  var cache: ProfileCacheStatistics?
  /// The terms of the memory budget; `nil` without cache.
  var budget: String?
}

/// Collects the durations of a phase's requests.
struct LatencyRecorder: Codable {
  private var histogram = LatencyHistogram()
  private var billedMilliseconds = 0

  mutating func record(_ nanoseconds: Int) {
    histogram.record(nanoseconds)
    billedMilliseconds += CostModel.billedMilliseconds(forNanoseconds: nanoseconds)
  }

  /// Adds the durations of another one.
  mutating func add(_ other: LatencyRecorder) {
    histogram.add(other.histogram)
    billedMilliseconds += other.billedMilliseconds
  }

  var figures: LatencyFigures {
    LatencyFigures(
      median: histogram.quantile(0.5), percentile99: histogram.quantile(0.99),
      maximum: histogram.maximum, total: histogram.sum, billedMilliseconds: billedMilliseconds,
      quantiles: LatencyFigures.shares.map { histogram.quantile($0) })
  }
}
