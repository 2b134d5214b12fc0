public import LambdaCache

/// What statistics can be read from: every `Cache`, whatever its keys and values.
public protocol CacheStatisticsSource: Sendable {
  /// What has happened since the cache was made, at one instant.
  var statistics: CacheStatistics { get }
}

extension Cache: CacheStatisticsSource {}
