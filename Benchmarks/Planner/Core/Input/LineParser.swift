/// The outcome of parsing a line.
enum LineOutcome {
  case request
  /// A header, a comment or nothing.
  case skipped
  /// A line that something else has written into the same stream.
  case foreign
  case malformed(String)
}

/// Reads the lines of one format.
protocol LineParser {
  mutating func parse(_ line: Bytes, into request: inout RawRequest) -> LineOutcome
}

/// The roles of a log's fields, by the indices at which a parser finds their values.
struct FieldRoles {
  var keys: [Int] = []
  var time: Int?
  /// The second part of a time whose date stands apart.
  var clock: Int?
  var size: Int?
  var load: Int?
  /// A duration in seconds.
  var durationSeconds: Int?

  /// Fills a request from the values of a line.
  ///
  /// - Parameter value: The value of a field, valid for one call; `nil` if it is not there.
  func fill(
    _ request: inout RawRequest, value: (Int) -> Bytes?
  ) -> LineOutcome {
    request = RawRequest()
    for index in keys {
      guard let key = value(index) else { return .malformed("the key is missing") }
      request.key = KeyHash.hash(key, seed: request.key)
      request.keyLength += key.count
    }
    if let time {
      guard let text = value(time), let milliseconds = milliseconds(text, value) else {
        return .malformed("the time is missing or cannot be read")
      }
      request.time = milliseconds
    }
    if let size {
      guard let text = value(size) else { return .malformed("the size is missing") }
      // A dash stands for a response without a body.
      if text.equals("-") || text.isEmpty {
        request.valueBytes = 0
      } else if let bytes = text.decimalNumber, (0...1e15).contains(bytes) {
        request.valueBytes = Int64(bytes)
      } else {
        return .malformed("the size is no number from 0")
      }
    }
    if let load, let text = value(load), !text.isEmpty, !text.equals("-") {
      guard let milliseconds = text.decimalNumber, (0...1e9).contains(milliseconds) else {
        return .malformed("the load time is no number from 0")
      }
      request.loadMicroseconds = Int64(milliseconds * 1000)
    }
    if let durationSeconds, let seconds = value(durationSeconds)?.decimalNumber,
      // A load balancer writes -1 where a target did not answer.
      (0...1e6).contains(seconds)
    {
      request.durationMicroseconds = Int64(seconds * 1e6)
    }
    return .request
  }

  private func milliseconds(_ text: Bytes, _ value: (Int) -> Bytes?) -> Int64? {
    guard let clock else { return Timestamp.milliseconds(text) }
    guard text.count == 10, let clock = value(clock), clock.count >= 8, clock.count <= 16 else {
      return nil
    }
    return withUnsafeTemporaryAllocation(byteCount: 32, alignment: 1) { joined in
      joined.baseAddress?.copyMemory(from: text.baseAddress!, byteCount: 10)
      joined[10] = UInt8(ascii: "T")
      (joined.baseAddress! + 11).copyMemory(from: clock.baseAddress!, byteCount: clock.count)
      return Timestamp.milliseconds(Bytes(rebasing: joined[..<(11 + clock.count)]))
    }
  }
}

extension FieldRoles {
  /// Names that keys, times, sizes and load times commonly have, the first that is there counts.
  ///
  /// `path`, `requestTime`, `requestTimeEpoch`, `responseLength` and `integrationLatency` are
  /// named as the `$context` variables of *Access logging for REST APIs* and *Variables for access
  /// logging for API Gateway* in the API Gateway developer guide; `resourcePath` is not among the
  /// keys, for it is a template such as `/users/{id}`. `@timestamp` is CloudWatch Logs Insights'
  /// own (*Supported logs and discovered fields*). `request_url` and `sent_bytes` are columns of
  /// *Create the table for ALB access logs* in the Athena user guide, `cs_uri_stem` and `sc_bytes`
  /// of *Create a table for CloudFront standard logs (legacy)*.
  static let usualKeys = [
    "key", "path", "requestPath", "request_url", "cs_uri_stem", "uri", "url", "userName", "id",
  ]
  static let usualTimes = [
    "requestTimeEpoch", "time", "requestTime", "timestamp", "@timestamp", "ts",
  ]
  static let usualSizes = [
    "bytes", "responseLength", "size", "sent_bytes", "sc_bytes", "contentLength", "valueBytes",
  ]
  static let usualLoads = ["loadMs", "load_ms", "integrationLatency"]
}

/// JSON lines whose fields the user names.
struct JSONLineParser: LineParser {
  private var scanner: JSONScanner
  private let roles: FieldRoles

  init(_ options: InputOptions) {
    var paths: [[String]] = []
    var roles = FieldRoles()
    func index(_ name: String) -> Int {
      paths.append(name.split(separator: ".").map(String.init))
      return paths.count - 1
    }
    // The scanner has room for 32 paths.
    roles.keys = options.keyFields.prefix(16).map(index)
    roles.time = options.timeField.map(index)
    roles.size = options.sizeField.map(index)
    roles.load = options.loadField.map(index)
    self.roles = roles
    scanner = JSONScanner(paths: paths)
  }

  mutating func parse(_ line: Bytes, into request: inout RawRequest) -> LineOutcome {
    let line = line.stripped
    if line.isEmpty { return .skipped }
    guard scanner.scan(line) else { return .malformed("it is no JSON object") }
    let scanner = scanner
    return roles.fill(&request) { scanner.value($0, in: line) }
  }
}
