/// The form of the lines of the log, as Lambda's logging controls ask for it (AWS Lambda developer
/// guide, *Configuring JSON and plain text log formats*).
package struct LogFormat: Sendable, Hashable {
  /// Whether `AWS_LAMBDA_LOG_FORMAT` is `JSON`.
  package let isJSON: Bool

  /// Lines of a lower level are not written.
  package let threshold: LogLevel

  /// The format that the variables of this process ask for, read once.
  package static let current = LogFormat(environment: ProcessEnvironment.current)

  /// - Parameter environment: The variables; a level that is none of AWS's counts as not set.
  package init(environment: [String: String]) {
    isJSON = environment["AWS_LAMBDA_LOG_FORMAT"]?.uppercased() == "JSON"
    threshold =
      environment["AWS_LAMBDA_LOG_LEVEL"].flatMap { LogLevel(rawValue: $0.uppercased()) } ?? .info
  }

  /// A line with its end.
  ///
  /// | | |
  /// |---|---|
  /// | text | `[WARN] 8476a536-e9f4-11e8-9739-2dfe598c3fcd message` |
  /// | JSON | `{"timestamp":"2025-01-31T12:00:00.123Z","level":"WARN","requestId":"…","message":"…"}` |
  ///
  /// - Parameters:
  ///   - message: In a line of text, control characters become blanks, so that it stays one line.
  ///   - level: How serious it is.
  ///   - requestID: The invocation; `nil` outside of one.
  ///   - time: Nanoseconds since 1970.
  package func line(
    _ message: String, level: LogLevel, requestID: String?, time: Int64
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    if isJSON {
      bytes += "{\"timestamp\":\"\(Timestamp.text(nanoseconds: time))\"".utf8
      bytes += ",\"level\":\"\(level.rawValue)\"".utf8
      if let requestID { bytes += Array(",\"requestId\":".utf8) + QuotedText.bytes(requestID) }
      bytes += Array(",\"message\":".utf8) + QuotedText.bytes(message) + "}".utf8
    } else {
      bytes += "[\(level.rawValue)] ".utf8
      if let requestID { bytes += "\(requestID) ".utf8 }
      bytes += message.utf8
      for index in bytes.indices where bytes[index] < 0x20 { bytes[index] = UInt8(ascii: " ") }
    }
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }
}

/// Texts as JSON.
package enum QuotedText {
  /// The text in quotation marks, with what must be escaped.
  package static func bytes(_ text: String) -> [UInt8] {
    var bytes = [UInt8(ascii: "\"")]
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case ..<0x20:
        let digits = String(byte, radix: 16)
        bytes += ("\\u00" + (digits.utf8.count == 1 ? "0" : "") + digits).utf8
      default: bytes.append(byte)
      }
    }
    return bytes + [UInt8(ascii: "\"")]
  }
}

/// Times as RFC 3339 has them.
package enum Timestamp {
  /// The time in UTC with milliseconds, as in `2025-01-31T12:00:00.123Z`.
  ///
  /// - Parameter nanoseconds: Nanoseconds since 1970, not negative.
  package static func text(nanoseconds: Int64) -> String {
    let milliseconds = max(0, nanoseconds) / 1_000_000
    let (seconds, fraction) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
    let (days, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
    let date = date(daysSince1970: days)
    return "\(date.year)-\(padded(date.month, 2))-\(padded(date.day, 2))"
      + "T\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
      + ".\(padded(fraction, 3))Z"
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  /// The date of a day in the Gregorian calendar.
  private static func date(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    var year: Int64 = 1970
    var rest = days
    while rest >= length(ofYear: year) {
      rest -= length(ofYear: year)
      year += 1
    }
    let isLeap = length(ofYear: year) == 366
    var month: Int64 = 1
    for length in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30] as [Int64] {
      guard rest >= length else { break }
      rest -= length
      month += 1
    }
    return (year, month, rest + 1)
  }

  private static func length(ofYear year: Int64) -> Int64 {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 366 : 365
  }
}
