import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHandlers

@Suite("Metrics of savings")
struct SavingsMetricsTests {
  @Test(
    "Metrics of savings are one valid line an invocation, with all figures and their dimensions")
  func oneLine() throws {
    let paper = LinePaper()
    let meter = MeterStub()
    let prices = try SavingsPrices(perGigabyteSecond: 0.5, perDatabaseCall: 0.25)
    let metrics = try makeMetrics(["profiles": meter], on: paper, prices: prices)
    meter.add(hits: 6, misses: 2, loads: 3, loadTime: .milliseconds(300))
    metrics.endInvocation()
    let documents = try paper.documents()
    try #require(documents.count == 1)
    let line = documents[0]
    #expect(line["_aws"]?["Timestamp"] == .number(1_764_000_003_000))
    #expect(line["_aws"]?["CloudWatchMetrics"]?[0]?["Namespace"] == .string("Shop"))
    #expect(
      line["_aws"]?["CloudWatchMetrics"]?[0]?["Dimensions"]
        == .array([.array([.string("FunctionName"), .string("CacheName")])]))
    #expect(line["FunctionName"] == .string("search"))
    #expect(line["CacheName"] == .string("profiles"))
    let figures: [String: Double] = [
      "Hits": 6, "Misses": 2, "Refreshes": 1, "HitRate": 75,
      "DatabaseCallsSaved": 5,
      "TimeSaved": 500, "GBSecondsSaved": 0.5, "DollarsSaved": 1.5, "Entries": 0, "Bytes": 0,
      "Evictions": 0, "Rejections": 0,
    ]
    for (name, value) in figures { #expect(line[name] == .number(value), "\(name)") }
    let units = (line["_aws"]?["CloudWatchMetrics"]?[0]?["Metrics"]?.elements ?? []).map {
      "\($0["Name"]?.text ?? "") \($0["Unit"]?.text ?? "")"
    }
    #expect(
      Set(units) == [
        "Hits Count", "Misses Count", "Refreshes Count", "HitRate Percent",
        "DatabaseCallsSaved Count", "TimeSaved Milliseconds", "GBSecondsSaved None",
        "DollarsSaved None", "Entries Count", "Bytes Bytes", "Evictions Count", "Rejections Count",
      ])
  }

  @Test("Metrics of savings report in each line the figures since the last one")
  func windows() throws {
    let paper = LinePaper()
    let meter = MeterStub()
    let metrics = try makeMetrics(["a": meter], on: paper)
    for hits in [3, 0, 5] {
      meter.add(hits: hits)
      metrics.endInvocation()
    }
    // Nothing happened in the second invocation.
    #expect(try paper.documents().map { $0["Hits"] } == [.number(3), .number(5)])
  }

  @Test(
    "Metrics of savings have a line for each cache that was used, in one write", arguments: [1, 3])
  func severalCaches(_ every: Int) throws {
    let paper = LinePaper()
    let meters = ["b": MeterStub(), "a": MeterStub(), "c": MeterStub()]
    let metrics = try makeMetrics(meters, on: paper, every: every)
    for invocation in 1...6 {
      meters["a"]?.add(hits: 1)
      meters["b"]?.add(misses: 2)
      metrics.endInvocation()
      #expect(paper.writes.count == invocation / every)
    }
    let documents = try paper.documents()
    #expect(documents.count == 2 * 6 / every)
    for (index, document) in documents.enumerated() {
      #expect(document["CacheName"] == .string(index.isMultiple(of: 2) ? "a" : "b"))
      #expect(document["Hits"] == .number(index.isMultiple(of: 2) ? Double(every) : 0))
      #expect(document["Misses"] == .number(index.isMultiple(of: 2) ? 0 : Double(2 * every)))
    }
  }

  @Test(
    "Metrics of savings are written as often, and of the caches, as the environment states",
    arguments: [
      ([:], [0, 0]), (["LAMBDA_CACHE_METRICS": "invocation"], [6, 6]),
      (["LAMBDA_CACHE_METRICS": "3"], [2, 2]), (["LAMBDA_CACHE_A_METRICS": "2"], [3, 0]),
      (["LAMBDA_CACHE_METRICS": "3", "LAMBDA_CACHE_A_METRICS": "off"], [0, 2]),
      (["LAMBDA_CACHE_METRICS": "6", "LAMBDA_CACHE_A_METRICS": "3"], [2, 2]),
    ] as [([String: String], [Int])])
  func interval(variables: [String: String], lines: [Int]) throws {
    let paper = LinePaper()
    let meters = ["a": MeterStub(), "b": MeterStub()]
    let metrics = try SavingsMetrics(
      caches: meters, configuration: try CacheConfiguration(environment: variables),
      loadTimes: ["a": .milliseconds(1)], environment: lambdaEnvironment, sink: paper.write)
    for _ in 0..<6 {
      for meter in meters.values { meter.add(hits: 1) }
      metrics.endInvocation()
    }
    let names = try paper.documents().map { $0["CacheName"] }
    #expect(["a", "b"].map { name in names.count { $0 == .string(name) } } == lines)
  }

  @Test("Metrics of savings add the caches up where no set has the cache's name")
  func summed() throws {
    let paper = LinePaper()
    let (first, second) = (MeterStub(), MeterStub())
    let metrics = try makeMetrics(
      ["a": first, "b": second], on: paper,
      dimensionSets: [[], ["FunctionName", "Stage"]], dimensions: ["Stage": "prod"])
    first.add(hits: 1, misses: 1)
    second.add(hits: 2)
    metrics.endInvocation()
    let documents = try paper.documents()
    try #require(documents.count == 1)
    #expect(documents[0]["Hits"] == .number(3))
    #expect(documents[0]["HitRate"] == .number(75))
    #expect(documents[0]["Stage"] == .string("prod"))
    #expect(documents[0]["CacheName"] == nil)
    #expect(documents[0]["_aws"]?["CloudWatchMetrics"]?[0]?["Dimensions"]?[0] == .array([]))
  }

  @Test("Metrics of savings leave out the rate of hits without look-ups, and what is no number")
  func leftOut() throws {
    let paper = LinePaper()
    let meter = MeterStub()
    let prices = try SavingsPrices(perGigabyteSecond: .greatestFiniteMagnitude)
    let metrics = try makeMetrics(["a": meter], on: paper, prices: prices)
    meter.add(loads: 2, loadTime: .seconds(5))
    metrics.endInvocation()
    let documents = try paper.documents()
    try #require(documents.count == 1)
    #expect(documents[0]["HitRate"] == nil)
    #expect(documents[0]["DollarsSaved"] == nil)
    #expect(documents[0]["GBSecondsSaved"] == .number(-5))
    #expect(documents[0]["DatabaseCallsSaved"] == .number(-2))
  }

  @Test("Metrics of savings keep what could not be written for the next line, and report the error")
  func failure() throws {
    let paper = LinePaper()
    let meter = MeterStub()
    let metrics = try makeMetrics(["a": meter], on: paper)
    paper.refuse(times: 2)
    for _ in 1...3 {
      meter.add(hits: 2)
      metrics.endInvocation()
    }
    #expect(paper.errorCount == 2)
    #expect(try paper.documents().map { $0["Hits"] } == [.number(6)])
  }

  @Test("Metrics of savings write the rest when they are flushed, and nothing where there is none")
  func flush() throws {
    let paper = LinePaper()
    let meter = MeterStub()
    let metrics = try makeMetrics(["a": meter], on: paper, every: 100)
    metrics.flush()
    meter.add(hits: 2)
    metrics.endInvocation()
    #expect(paper.writes == [])
    metrics.flush()
    metrics.flush()
    #expect(try paper.documents().map { $0["Hits"] } == [.number(2)])
  }

  @Test("Metrics of savings count every hit once, also when invocations end at the same time")
  func concurrently() async throws {
    let paper = LinePaper()
    let meter = MeterStub()
    let metrics = try makeMetrics(["a": meter], on: paper)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<25 {
            meter.add(hits: 1)
            metrics.endInvocation()
          }
        }
      }
    }
    metrics.flush()
    let hits = try paper.documents().map { try #require($0["Hits"]?.number) }
    #expect(hits.reduce(0, +) == 200)
    #expect(hits.allSatisfy { $0 > 0 })
  }

  @Test("Metrics of savings read caches of any type, and work outside of Lambda")
  func realCaches() async throws {
    let paper = LinePaper()
    let names = Cache<Int, String>(byteLimit: 1 << 16)
    let sizes = Cache<String, Int>(byteLimit: 1 << 16)
    let metrics = try makeMetrics(["names": names, "sizes": sizes], on: paper, environment: [:])
    for _ in 1...2 {
      _ = try await names.value(forKey: 7) { "\($0)" }
      _ = try await sizes.value(forKey: "a") { $0.utf8.count }
    }
    metrics.endInvocation()
    let documents = try paper.documents()
    #expect(documents.map { $0["CacheName"]?.text } == ["names", "sizes"])
    #expect(documents.map { $0["Hits"] } == [.number(1), .number(1)])
    #expect(documents.map { $0["FunctionName"]?.text } == ["local", "local"])
    #expect(documents.map { $0["GBSecondsSaved"] } == [.number(0), .number(0)])
  }

  @Test(
    "Metrics of savings learn of an invocation's end by the handler around it, also if it throws")
  func meteredHandler() async throws {
    let paper = LinePaper()
    let meter = MeterStub()
    let handler = metered(by: try makeMetrics(["a": meter], on: paper)) {
      (event: Int, context: LambdaContext) in
      meter.add(hits: event)
      guard event < 5 else { throw WriteRefusal() }
      return event + 1
    }
    let runtime = LambdaManagedRuntime(body: handler)
    #expect(try await runtime.invoke(2) == 3)
    await #expect(throws: WriteRefusal.self) { try await runtime.invoke(9) }
    #expect(try paper.documents().map { $0["Hits"] } == [.number(2), .number(9)])
  }

  @Test("Metrics of savings are valid whatever names and figures they have")
  func fuzz() throws {
    var random = SplitMix64(seed: FuzzEnvironment.seed)
    let printable = (0x20...0x7E).map { Character(Unicode.Scalar($0)) }
    for round in 0..<75 {
      let paper = LinePaper()
      let meter = MeterStub()
      let text = { (length: Int) in
        "x"
          + String(
            (0..<Int.random(in: 0..<length, using: &random)).map { _ in
              printable.randomElement(using: &random)!
            })
      }
      let (name, dimension, value) = (text(1024), text(250), text(1024))
      let metrics = try makeMetrics(
        [name: meter], on: paper, namespace: "Shop/#:. _-9",
        dimensionSets: [["CacheName"], [dimension, "FunctionName"]], dimensions: [dimension: value])
      meter.add(
        hits: Int.random(in: 0..<(1 << (round % 25 * 2 + 2))), misses: Int.random(in: 0...9),
        loads: Int.random(in: 1...20), loadTime: .nanoseconds(Int64.random(in: 0...(1 << 40))))
      metrics.endInvocation()
      let documents = try paper.documents()
      try #require(documents.count == 1)
      #expect(documents[0]["CacheName"]?.text == name)
      #expect(documents[0][dimension]?.text == value)
      #expect(documents[0]["Hits"]?.number == Double(meter.statistics.hits))
    }
  }
}
