/// Kinds of logs.
package enum LogFormat: String, Sendable, CaseIterable {
  /// Recorded keys, 32-bit little-endian, one for each request; `NAME.sizes.u32le` beside it has
  /// the sizes.
  case u32le
  /// The library's own request log, and whatever else is in the same stream.
  case cache
  /// One JSON object in each line.
  case json
  /// Values separated by commas, with a header.
  case csv
  /// Values separated by tabs, with a header.
  case tsv
  /// The common or the combined log format.
  case common
  /// Access logs of an Application Load Balancer.
  case alb
  /// Standard logs of CloudFront.
  case cloudfront
  /// `REPORT` lines of Lambda.
  case report
}

/// How logs are read.
package struct InputOptions: Sendable {
  /// The format of every file; `nil` to look.
  package var format: LogFormat?
  /// The cache whose look-ups are read from the library's log; `nil` for the only one there is.
  package var cacheName: String?
  /// The fields that make up a key; empty for those that the format suggests.
  package var keyFields: [String] = []
  package var timeField: String?
  package var sizeField: String?
  /// The field with the milliseconds that a load took.
  package var loadField: String?
  /// The middle of the name of the file of sizes beside a recorded stream, `NAME.sizes.u32le`.
  package var sizesName = "sizes"
  /// Whether the first malformed line is an error.
  package var isStrict = false
  /// The most requests that are kept; beyond that a sample of the keys.
  package var exactLimit = 10_000_000
  /// The requests that are kept whole beside a sample.
  package var windowLimit = 2_000_000
  /// The part of all keys that the log was recorded of.
  package var recordedRate = 1.0
  /// The part of the log's keys that is read from the beginning.
  package var keepRate = 1.0
  /// The bytes of a value where the log has no sizes.
  package var assumedValueBytes = 1000
  /// The present in milliseconds since 1970; `nil` for the system's.
  package var now: Int64?

  package init() {}
}

/// How far a file has been read.
package struct ReadingProgress: Sendable {
  package var file: String
  package var bytesRead: Int
  package var size: Int?
}
