import LambdaCache
import Testing

@Suite("The lines of the log")
struct LogTests {
  private static let text = LogFormat(environment: [:])
  private static let json = LogFormat(environment: ["AWS_LAMBDA_LOG_FORMAT": "JSON"])

  private func line(
    _ message: String, in format: LogFormat, level: LogLevel = .warn, requestID: String? = nil,
    time: Int64 = 0
  ) -> String {
    String(
      decoding: format.line(message, level: level, requestID: requestID, time: time),
      as: UTF8.self)
  }

  @Test("A line of text has its level, its invocation and its message, and ends with a line feed")
  func inText() {
    #expect(line("moved", in: Self.text) == "[WARN] moved\n")
    #expect(line("moved", in: Self.text, level: .trace, requestID: "r-1") == "[TRACE] r-1 moved\n")
    #expect(line("a\nb\tc", in: Self.text, requestID: "r\n2") == "[WARN] r 2 a b c\n")
  }

  @Test("A line of JSON has the members that Lambda reads, and whatever the message is, is valid")
  func inJSON() {
    #expect(
      line("moved", in: Self.json, time: 1_738_324_800_123_456_789)
        == #"{"timestamp":"2025-01-31T12:00:00.123Z","level":"WARN","message":"moved"}"# + "\n")
    #expect(
      line("\"a\\\n\u{1}é", in: Self.json, level: .fatal, requestID: "r\"1")
        == #"{"timestamp":"1970-01-01T00:00:00.000Z","level":"FATAL","requestId":"r\"1","#
        + #""message":"\"a\\\u000a\u0001é"}"# + "\n")
  }

  @Test(
    "Times are those of the Gregorian calendar",
    arguments: [
      (951_782_399_999, "2000-02-28T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
      (951_868_800_000, "2000-03-01T00:00:00.000Z"),
      (1_735_689_599_001, "2024-12-31T23:59:59.001Z"),
      (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (-5, "1970-01-01T00:00:00.000Z"),
    ] as [(Int64, String)])
  func times(milliseconds: Int64, text: String) {
    #expect(Timestamp.text(nanoseconds: milliseconds * 1_000_000) == text)
  }

  @Test("Format and level are those of Lambda's variables, and INFO if none is set that exists")
  func variables() {
    #expect(!Self.text.isJSON && Self.json.isJSON)
    #expect(Self.text.threshold == .info)
    for level in LogLevel.allCases {
      let format = LogFormat(environment: [
        "AWS_LAMBDA_LOG_LEVEL": level.rawValue.lowercased(), "AWS_LAMBDA_LOG_FORMAT": "Text",
      ])
      #expect(format.threshold == level && !format.isJSON)
    }
    #expect(LogFormat(environment: ["AWS_LAMBDA_LOG_LEVEL": "LOUD"]).threshold == .info)
    #expect(LogLevel.allCases == LogLevel.allCases.sorted())
    #expect(
      LogLevel.allCases.map(\.rawValue) == ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"])
  }

  @Test("Lines below the level of the environment are not made")
  func threshold() {
    let lines = Locked<[String]>([])
    let format = LogFormat(environment: ["AWS_LAMBDA_LOG_LEVEL": "ERROR"])
    let sink: @Sendable (String) -> Void = { line in lines.withLock { $0.append(line) } }
    Log.$sink.withValue(sink) {
      Log.$format.withValue(format) {
        for level in LogLevel.allCases {
          func message() -> String {
            #expect(level >= .error)
            return level.rawValue
          }
          Log.write(message(), level: level)
        }
      }
    }
    #expect(lines.withLock { $0 } == ["ERROR", "FATAL"])
  }

  @Test("Lines go to standard error, in whole, with the invocation that the runtime knows")
  func standardError() async throws {
    let result = try #require(
      await #expect(
        processExitsWith: .success, observing: [\.standardErrorContent, \.standardOutputContent]
      ) {
        Log.write("before", level: .error)
        Log.setRequestIDSource { "r-1" }
        Log.write("within", level: .error)
        Log.write("of another", level: .error, requestID: "r-2")
      })
    let text = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(
      text.contains("[ERROR] before\n[ERROR] r-1 within\n[ERROR] r-2 of another\n"), "\(text)")
    #expect(!String(decoding: result.standardOutputContent, as: UTF8.self).contains("within"))
  }
}
