/// The text of the lines of a ``RequestLog``.
///
/// | member | |
/// |---|---|
/// | `t` | The time in milliseconds since 1970. |
/// | `c` | The name of the cache. |
/// | `k` | The hash of the key, 16 hexadecimal digits; of all environments that have the secret. |
/// | `o` | In its place the hash of one environment's own, where no secret is set. |
/// | `b` | The bytes that key and value own on the heap; missing if no value came. |
/// | `h` | 1 for a hit, 0 for a miss. |
/// | `l` | The milliseconds that the load took; missing where there was none. |
/// | `r` | The part of the keys that is logged; missing for all. |
/// | `e` | The environment. |
///
/// A line with `dropped` in the place of the look-up's members says how many were lost before it.
///
/// The first line of an environment has others in their place:
///
/// | member | |
/// |---|---|
/// | `m` | The memory of the process in bytes. |
/// | `u` | The bytes of it that were in use when the budget was made. |
struct RequestLogLine {
  private let cache: [UInt8]
  private let keyName: StaticString
  private let memory: [UInt8]
  private let end: [UInt8]

  /// - Parameters:
  ///   - cacheName: Cut to 128 bytes.
  ///   - hasSharedSecret: Whether other environments have the same hashes.
  ///   - percent: The part of the keys that is logged.
  ///   - environment: The name of the environment.
  ///   - memory: The terms of the budget; `nil` where they do not come from the process.
  init(
    cacheName: String, hasSharedSecret: Bool, percent: Double, environment: String,
    memory: MemoryTerms? = nil
  ) {
    self.memory = memory.map(RequestLogLine.members(of:)) ?? []
    cache = Array(",\"c\":".utf8) + QuotedText.bytes(RequestLogLine.beginning(of: cacheName))
    keyName = hasSharedSecret ? ",\"k\":\"" : ",\"o\":\""
    let rate = percent < 100 ? ",\"r\":\(percent / 100)" : ""
    end = Array((rate + ",\"e\":\"" + environment + "\"}\n").utf8)
  }

  /// The longest beginning of a text that has at most 128 bytes and ends between two characters of
  /// Unicode.
  private static func beginning(of text: String) -> String {
    var rest = 128
    let scalars = text.unicodeScalars.prefix { scalar in
      rest -= UTF8.width(scalar)
      return rest >= 0
    }
    return String(String.UnicodeScalarView(scalars))
  }

  private static func members(of memory: MemoryTerms) -> [UInt8] {
    Array(",\"m\":\(memory.limit.byteCount),\"u\":\(memory.resident.byteCount)".utf8)
  }

  /// Whether there is a line about the memory of the environment.
  var hasMemory: Bool { !memory.isEmpty }

  /// Appends the line about the memory of the environment.
  func appendMemory(time: Int64, to buffer: inout LineBuffer) {
    buffer.append("{\"t\":")
    buffer.append(decimal: UInt64(max(0, time)))
    buffer.append(cache)
    buffer.append(memory)
    buffer.append(end)
  }

  /// Appends the line of a look-up.
  func append(_ record: LookUpRecord, to buffer: inout LineBuffer) {
    buffer.append("{\"t\":")
    buffer.append(decimal: UInt64(max(0, record.time)))
    buffer.append(cache)
    buffer.append(keyName)
    buffer.append(hexadecimal: record.key)
    buffer.append("\"")
    if record.byteCount >= 0 {
      buffer.append(",\"b\":")
      buffer.append(decimal: UInt64(record.byteCount))
    }
    buffer.append(record.isHit ? ",\"h\":1" : ",\"h\":0")
    if record.loadMicroseconds > 0 {
      buffer.append(",\"l\":")
      buffer.append(decimal: UInt64(record.loadMicroseconds / 1000))
      appendFraction(UInt64(record.loadMicroseconds % 1000), to: &buffer)
    }
    buffer.append(end)
  }

  /// Appends the line that says how many look-ups were lost.
  func append(dropped: Int, time: Int64, to buffer: inout LineBuffer) {
    buffer.append("{\"t\":")
    buffer.append(decimal: UInt64(max(0, time)))
    buffer.append(cache)
    buffer.append(",\"dropped\":")
    buffer.append(decimal: UInt64(dropped))
    buffer.append(end)
  }

  /// Three digits behind a point, if they are not all 0.
  private func appendFraction(_ thousandths: UInt64, to buffer: inout LineBuffer) {
    guard thousandths > 0 else { return }
    buffer.append(".")
    for unit: UInt64 in [100, 10, 1] { buffer.append(digit: thousandths / unit % 10) }
  }
}
