public import LambdaCache

/// A source of statistics: every `Cache`, whatever its keys and values.
public protocol CacheStatisticsSource: Sendable {
  /// The counts since the cache was made, at one instant.
  var statistics: CacheStatistics { get }
}

extension Cache: CacheStatisticsSource {}
