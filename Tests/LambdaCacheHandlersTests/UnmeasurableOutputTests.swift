import LambdaCache
import LambdaCacheHandlers
import Testing

@Suite("An output that cannot be measured")
struct UnmeasurableOutputTests {
  private struct Report: HeapSized, Sendable {
    var source: any Sendable
  }

  private final class Connection: Sendable {}

  @Test("An output that cannot be measured is answered, made again each time, and logged once")
  func answered() async throws {
    let lines = Locked<[String]>([])
    let calls = Locked(0)
    let sink: @Sendable (String) -> Void = { line in lines.withLock { $0.append(line) } }
    try await Log.$sink.withValue(sink) {
      let reports = Cache<String, Report>(byteLimit: 1 << 20)
      let handler = cached(by: { (event: String) in event }, in: reports) {
        (event: String, _: Int) in
        calls.withLock { $0 += 1 }
        return Report(source: event == "live" ? Connection() : 1)
      }
      for _ in 0..<3 {
        #expect(try await handler("live", 0).source is Connection)
        _ = try await handler("kept", 0)
      }
      #expect(reports.count == 1)
      #expect(reports.statistics.rejectionsForUnknownSize == 3)
    }
    #expect(calls.withLock { $0 } == 4)
    #expect(lines.withLock { $0.count { $0.contains("Report.source of type Connection") } } == 1)
  }
}
