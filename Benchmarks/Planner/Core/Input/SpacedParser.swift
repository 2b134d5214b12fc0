/// Lines of words between spaces, some of them within quotation marks or brackets: the common and
/// the combined log format, and the access logs of Application Load Balancers.
struct SpacedParser: LineParser {
  private let roles: FieldRoles
  /// The word that is the request line, `GET /path HTTP/1.1`.
  private let requestLine: Int
  private let leastCount: Int
  private var words: [Range<Int>] = []

  /// `host ident user [time] "request" status bytes`, and perhaps a referrer and an agent (Apache
  /// HTTP Server, *Log Files*).
  static var common: SpacedParser {
    var roles = FieldRoles()
    roles.keys = [4]
    roles.time = 3
    roles.size = 6
    return SpacedParser(roles: roles, requestLine: 4, leastCount: 7)
  }

  /// The fields in the order of *Access logs for your Application Load Balancer* in the user guide
  /// for Application Load Balancers, where further ones are added at the end: `type time elb
  /// client:port target:port request_processing_time target_processing_time
  /// response_processing_time elb_status_code target_status_code received_bytes sent_bytes
  /// "request" …`.
  static var loadBalancer: SpacedParser {
    var roles = FieldRoles()
    roles.keys = [12]
    roles.time = 1
    roles.size = 11
    roles.durationSeconds = 6
    return SpacedParser(roles: roles, requestLine: 12, leastCount: 13)
  }

  init(roles: FieldRoles, requestLine: Int, leastCount: Int) {
    self.roles = roles
    self.requestLine = requestLine
    self.leastCount = leastCount
  }

  mutating func parse(_ line: Bytes, into request: inout RawRequest) -> LineOutcome {
    if line.stripped.isEmpty { return .skipped }
    guard split(line) else { return .malformed("a quotation mark or bracket is not closed") }
    guard words.count >= leastCount else { return .malformed("it has too few fields") }
    let words = words
    let requestLine = requestLine
    return roles.fill(&request) { index in
      let word = line[part: words[index]]
      return index == requestLine ? SpacedParser.withoutVersion(word) : word
    }
  }

  /// Method and target of a request line; the version of HTTP is not part of a key.
  private static func withoutVersion(_ line: Bytes) -> Bytes? {
    guard let space = line.lastIndex(of: 0x20), space > 0,
      line[part: space + 1..<line.count].starts(with: "HTTP")
    else { return line.isEmpty ? nil : line }
    return line[part: 0..<space]
  }

  private mutating func split(_ line: Bytes) -> Bool {
    words.removeAll(keepingCapacity: true)
    var position = 0
    while position < line.count, words.count < 32 {
      let close: UInt8
      switch line[position] {
      case 0x20:
        position += 1
        continue
      case UInt8(ascii: "\""): close = UInt8(ascii: "\"")
      case UInt8(ascii: "["): close = UInt8(ascii: "]")
      default: close = 0x20
      }
      let start = close == 0x20 ? position : position + 1
      position = start
      while position < line.count, line[position] != close {
        position += close != 0x20 && line[position] == UInt8(ascii: "\\") ? 2 : 1
      }
      guard position < line.count || close == 0x20 else { return false }
      words.append(start..<min(position, line.count))
      position += 1
    }
    return true
  }
}
