/// Sums over the `REPORT` lines of a function.
package struct ReportSummary: Sendable, Equatable {
  package var count = 0
  package var durationSum = 0.0
  package var billedSum = 0.0
  /// Invocations that began with an initialization, and how long it took them together.
  package var initCount = 0
  package var initSum = 0.0
  /// The memory setting in MB; of the last line, if it changed.
  package var memorySize: Int?
  package var maxMemoryUsed = 0

  package init() {}

  /// Milliseconds.
  package var meanDuration: Double? { count == 0 ? nil : durationSum / Double(count) }
  /// Milliseconds.
  package var meanInit: Double? { initCount == 0 ? nil : initSum / Double(initCount) }
}

/// Reads `REPORT` lines.
///
/// The fields are those of "REPORT line data fields" in the AWS Lambda developer guide (*Log and
/// monitor C# Lambda functions* and others) and *How CloudWatch structures logs* in its operator
/// guide: `Duration`, `Billed Duration`, `Memory Size`, `Max Memory Used` and, at a cold start,
/// `Init Duration`; in Lambda's JSON logs the metrics of `platform.report` in *Lambda Telemetry API
/// Event schema reference*.
enum ReportLine {
  /// Whether a line is one, and adds it.
  ///
  /// - Returns: `nil` if it begins as one and goes on as none.
  static func add(_ line: Bytes, to summary: inout ReportSummary) -> Bool? {
    guard let start = line.offset(of: "REPORT RequestId:") else {
      return addJSON(line, to: &summary)
    }
    let report = line[part: start..<line.count]
    guard let duration = value(after: "Duration: ", in: report),
      let billed = value(after: "Billed Duration: ", in: report),
      let memory = value(after: "Memory Size: ", in: report),
      let used = value(after: "Max Memory Used: ", in: report)
    else { return nil }
    return note(
      duration, billed, memory, used, value(after: "Init Duration: ", in: report), in: &summary)
  }

  private static func addJSON(_ line: Bytes, to summary: inout ReportSummary) -> Bool? {
    guard line.offset(of: "\"platform.report\"") != nil else { return false }
    guard let duration = member("\"durationMs\"", of: line),
      let billed = member("\"billedDurationMs\"", of: line),
      let memory = member("\"memorySizeMB\"", of: line),
      let used = member("\"maxMemoryUsedMB\"", of: line)
    else { return nil }
    return note(
      duration, billed, memory, used, member("\"initDurationMs\"", of: line), in: &summary)
  }

  private static func note(
    _ duration: Double, _ billed: Double, _ memory: Double, _ used: Double, _ initial: Double?,
    in summary: inout ReportSummary
  ) -> Bool? {
    guard (0...1e9).contains(duration), (0...1e9).contains(billed), (64...65_536).contains(memory),
      (0...65_536).contains(used), (0...1e9).contains(initial ?? 0)
    else { return nil }
    summary.count += 1
    summary.durationSum += duration
    summary.billedSum += billed
    summary.memorySize = Int(memory)
    summary.maxMemoryUsed = max(summary.maxMemoryUsed, Int(used))
    if let initial {
      summary.initCount += 1
      summary.initSum += initial
    }
    return true
  }

  /// The number behind a name that no other word stands before.
  private static func value(after name: StaticString, in line: Bytes) -> Double? {
    var start = 0
    while let offset = line.offset(of: name, from: start) {
      // "Billed Duration: " and "Init Duration: " contain "Duration: ".
      if offset == 0 || !isWordBefore(offset, in: line) {
        return leadingNumber(line[part: offset + name.utf8CodeUnitCount..<line.count])
      }
      start = offset + 1
    }
    return nil
  }

  private static func isWordBefore(_ offset: Int, in line: Bytes) -> Bool {
    line[part: 0..<offset].text.hasSuffix("Billed ")
      || line[part: 0..<offset].text.hasSuffix("Init ")
  }

  private static func member(_ name: StaticString, of line: Bytes) -> Double? {
    guard let offset = line.offset(of: name) else { return nil }
    let rest = line[part: offset + name.utf8CodeUnitCount..<line.count].stripped
    guard let colon = rest.first, colon == UInt8(ascii: ":") else { return nil }
    return leadingNumber(rest[part: 1..<rest.count].stripped)
  }

  private static func leadingNumber(_ bytes: Bytes) -> Double? {
    var length = 0
    while length < bytes.count,
      (0x30...0x39).contains(bytes[length]) || bytes[length] == UInt8(ascii: ".")
    {
      length += 1
    }
    return bytes[part: 0..<length].decimalNumber
  }
}
