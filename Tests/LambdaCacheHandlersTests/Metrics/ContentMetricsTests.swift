import LambdaCache
import Testing

@testable import LambdaCacheHandlers

@Suite("Metrics of what a cache holds and answers")
struct ContentMetricsTests {
  private struct User: HeapSized, Sendable {}

  @Test("A line has entries, bytes, evictions and rejections, exactly as follows")
  func wholeLine() throws {
    let paper = LinePaper()
    let meter = MeterStub()
    let metrics = try makeMetrics(["users": meter], on: paper)
    meter.set { statistics in
      statistics.hits = 3
      statistics.misses = 1
      statistics.count = 40
      statistics.byteCount = 5_000
      statistics.removals.size = 6
      statistics.removals.pressure = 2
      statistics.removals.expired = 100
      statistics.rejections = 7
    }
    metrics.endInvocation()
    let units = [
      "Hits": "Count", "Misses": "Count", "Refreshes": "Count", "DatabaseCallsSaved": "Count",
      "TimeSaved": "Milliseconds", "GBSecondsSaved": "None", "DollarsSaved": "None",
      "Entries": "Count", "Bytes": "Bytes", "Evictions": "Count", "Rejections": "Count",
      "HitRate": "Percent",
    ]
    let names = [
      "Hits", "Misses", "Refreshes", "DatabaseCallsSaved", "TimeSaved", "GBSecondsSaved",
      "DollarsSaved", "Entries", "Bytes", "Evictions", "Rejections", "HitRate",
    ]
    let described = names.map { #"{"Name":"\#($0)","Unit":"\#(units[$0] ?? "")"}"# }
    let head =
      #"{"_aws":{"Timestamp":1764000003000,"CloudWatchMetrics":[{"Namespace":"Shop","#
      + #""Dimensions":[["FunctionName","CacheName"]],"Metrics":["#
    let values =
      #""Hits":3.0,"Misses":1.0,"Refreshes":0.0,"DatabaseCallsSaved":3.0,"TimeSaved":0.0,"#
      + #""GBSecondsSaved":0.0,"DollarsSaved":0.0,"Entries":40.0,"Bytes":5000.0,"#
      + #""Evictions":8.0,"Rejections":7.0,"HitRate":75.0}"#
    let line =
      head + described.joined(separator: ",") + #"]}]},"FunctionName":"search","#
      + #""CacheName":"users","# + values
    #expect(paper.lines == [line])
    _ = try paper.documents()
  }

  @Test("Twenty requests for a user that does not exist are one call and nineteen saved ones")
  func missingUser() async throws {
    let paper = LinePaper()
    let users = Cache<String, User>(byteLimit: 1 << 20) {
      $0.loading.negativeTimeToLive = .seconds(600)
    }
    let metrics = try makeMetrics(["users": users], on: paper)
    let calls = Locked(0)
    for _ in 0..<20 {
      let user = try await users.optionalValue(forKey: "nobody") { _ in
        calls.withLock { $0 += 1 }
        return nil
      }
      #expect(user == nil)
    }
    metrics.endInvocation()
    #expect(calls.withLock { $0 } == 1)
    let statistics = users.statistics
    #expect(statistics.loadFailures == 0 && statistics.loadsNotFound == 1)
    #expect(statistics.failureHits == 19 && statistics.notFoundHits == 19)
    let line = try #require(try paper.documents().first)
    let figures: [String: Double] = [
      "Hits": 19, "Misses": 1, "Refreshes": 0, "DatabaseCallsSaved": 19, "HitRate": 95,
    ]
    for (name, value) in figures { #expect(line[name] == .number(value), "\(name)") }
  }

  @Test("Remembered failures of another kind are neither hits nor saved calls")
  func otherFailures() async throws {
    struct Outage: ClassifiedError { var loadErrorClass: LoadErrorClass { .transient } }
    let paper = LinePaper()
    let users = Cache<String, User>(byteLimit: 1 << 20) {
      $0.loading.transientBackOff = BackOff(first: .seconds(600), longest: .seconds(600))
    }
    let metrics = try makeMetrics(["users": users], on: paper)
    for _ in 0..<5 {
      await #expect(throws: Outage.self) {
        try await users.value(forKey: "ada") { _ in throw Outage() }
      }
    }
    metrics.endInvocation()
    #expect(users.statistics.failureHits == 4 && users.statistics.notFoundHits == 0)
    #expect(users.statistics.loadFailures == 1)
    let line = try #require(try paper.documents().first)
    #expect(line["Hits"] == .number(0) && line["Misses"] == .number(5))
    #expect(line["DatabaseCallsSaved"] == .number(0))
  }

  @Test("What a cache holds is that of the line's end, and alone makes no line")
  func levels() throws {
    let paper = LinePaper()
    let meter = MeterStub()
    let metrics = try makeMetrics(["users": meter], on: paper)
    meter.set { statistics in
      statistics.count = 1
      statistics.byteCount = 10
    }
    metrics.endInvocation()
    #expect(paper.lines.isEmpty)
    paper.refuse(times: 1)
    meter.set { statistics in
      statistics.hits = 1
      statistics.rejections = 1
      statistics.removals.size = 1
    }
    metrics.endInvocation()
    meter.set { statistics in
      statistics.hits = 3
      statistics.rejections = 2
      statistics.removals.pressure = 4
      statistics.count = 5
      statistics.byteCount = 50
    }
    metrics.endInvocation()
    let documents = try paper.documents()
    try #require(documents.count == 1)
    let figures: [String: Double] = [
      "Hits": 3, "Rejections": 2, "Evictions": 5, "Entries": 5, "Bytes": 50,
    ]
    for (name, value) in figures { #expect(documents[0][name] == .number(value), "\(name)") }
  }

  @Test("The contents of several caches add up in one line")
  func severalCaches() throws {
    let paper = LinePaper()
    let meters = [MeterStub(), MeterStub()]
    let metrics = try makeMetrics(["a": meters[0], "b": meters[1]], on: paper, dimensionSets: [[]])
    for meter in meters {
      meter.set { statistics in
        statistics.hits = 1
        statistics.count = 2
        statistics.byteCount = 30
      }
    }
    metrics.endInvocation()
    let line = try #require(try paper.documents().first)
    #expect(line["Entries"] == .number(4) && line["Bytes"] == .number(60))
  }
}
