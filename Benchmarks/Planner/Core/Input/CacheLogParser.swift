/// The library's own request log, whose lines stand between those of the function and of Lambda:
/// `{"t":<ms>,"c":"<cache>","k":"<16 hex digits>","b":<bytes>,"h":<0 or 1>,"l":<load ms>,…}`.
///
/// `RequestLogLine` in the library has the format. A line may have something before it, as what
/// `aws logs tail` prints has.
struct CacheLogParser: LineParser {
  private enum Member: Int, CaseIterable {
    case time, cache, key, ownKey, bytes, hit, load, rate, environment, dropped, memory, inUse

    var name: String {
      ["t", "c", "k", "o", "b", "h", "l", "r", "e", "dropped", "m", "u"][rawValue]
    }
  }

  private var scanner = JSONScanner(paths: Member.allCases.map { [$0.name] })
  /// The cache whose look-ups are read; `nil` for the only one there is.
  private let cacheName: String?

  init(cacheName: String?) {
    self.cacheName = cacheName
  }

  /// Whether a line is one of the log.
  static func isLine(_ line: Bytes) -> Bool {
    var parser = CacheLogParser(cacheName: nil)
    guard let start = line.offset(of: "{\"t\":") else { return false }
    let line = line[part: start..<line.count].stripped
    guard parser.scanner.scan(line) else { return false }
    let key = parser.value(.key, in: line) ?? parser.value(.ownKey, in: line)
    return key?.hash64 != nil || parser.value(.dropped, in: line) != nil
      || parser.memory(in: line) != nil
  }

  private func value(_ member: Member, in line: Bytes) -> Bytes? {
    scanner.value(member.rawValue, in: line)
  }

  /// The memory of an environment and the bytes of it in use; `nil` if the line does not say.
  private func memory(in line: Bytes) -> (byteCount: Int, inUse: Int)? {
    guard let memory = value(.memory, in: line)?.wholeNumber, memory <= 1 << 50,
      let inUse = value(.inUse, in: line)?.wholeNumber, inUse <= 1 << 50
    else { return nil }
    return (Int(memory), Int(inUse))
  }

  mutating func parse(_ line: Bytes, into request: inout RawRequest) -> LineOutcome {
    if line.stripped.isEmpty { return .skipped }
    guard let start = line.offset(of: "{\"t\":") else { return .foreign }
    let line = line[part: start..<line.count].stripped
    guard scanner.scan(line) else { return .malformed("it is no JSON object") }
    request = RawRequest()
    if let name = value(.cache, in: line) {
      if let cacheName, !name.elementsEqual(cacheName.utf8) { return .skipped }
      request.cache = KeyHash.hash(name) | 1
      if request.cache != lastCache {
        lastCache = request.cache
        lastCacheName = name.text
      }
      request.cacheName = lastCacheName
    }
    if let environment = value(.environment, in: line) {
      request.environment = KeyHash.hash(environment) | 1
    }
    if let dropped = value(.dropped, in: line) {
      guard let count = dropped.wholeNumber, count <= 1 << 40 else {
        return .malformed("dropped is no number of look-ups")
      }
      request.dropped = Int(count)
      return .request
    }
    if value(.memory, in: line) != nil {
      request.memory = memory(in: line)
      return request.memory == nil ? .malformed("m and u are no numbers of bytes") : .request
    }
    return fill(&request, line)
  }

  private var lastCache: UInt64 = 0
  private var lastCacheName = ""

  private func fill(_ request: inout RawRequest, _ line: Bytes) -> LineOutcome {
    if let key = value(.key, in: line)?.hash64 {
      request.key = key
    } else if let key = value(.ownKey, in: line)?.hash64 {
      // Another environment's hash of this key is another one, and may be that of another key.
      request.key = KeyHash.mix(key ^ request.environment, 0x9FB2_1C65_1E98_DF25)
      request.hasOwnKey = true
    } else {
      return .malformed("k is not 16 hexadecimal digits")
    }
    guard let time = value(.time, in: line)?.wholeNumber, time < Timestamp.end else {
      return .malformed("t is no time in milliseconds")
    }
    request.time = time
    if let text = value(.bytes, in: line) {
      guard let bytes = text.wholeNumber else { return .malformed("b is no number of bytes") }
      request.heapBytes = bytes
    } else {
      request.isNeverStored = true
    }
    if let text = value(.load, in: line) {
      guard let load = text.decimalNumber, (0...1e9).contains(load) else {
        return .malformed("l is no time in milliseconds")
      }
      request.loadMicroseconds = Int64(load * 1000)
    }
    if let text = value(.rate, in: line) {
      guard let rate = text.decimalNumber, rate > 0, rate <= 1 else {
        return .malformed("r is no part of the keys")
      }
      request.rate = rate
    }
    if let hit = value(.hit, in: line) { request.isHit = hit.equals("1") }
    return .request
  }
}
