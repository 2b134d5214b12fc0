import Testing

@testable import LambdaCacheHandlers

@Suite("Settings of metrics")
struct SavingsMetricsSettingTests {
  private struct Case: Sendable, CustomTestStringConvertible {
    var setting: SavingsMetricsError.Setting
    var value: String
    var make: @Sendable (LinePaper) throws -> SavingsMetrics

    var testDescription: String { "\(setting) \(value.prefix(40))" }
  }

  private static let badNamespaces = [
    "", " ", "   ", ":Shop", "AWS/Lambda", "Caf\u{E9}", "a\"b", "a\nb", "a*b",
    String(repeating: "n", count: 256),
  ].map { name in
    Case(setting: .namespace, value: name) { try makeMetrics([:], on: $0, namespace: name) }
  }

  private static let badNames = [
    "", " ", ":a", "\u{E9}", "a\tb", "_aws", "Hits", "HitRate",
    String(repeating: "n", count: 251),
  ].map { name in
    Case(setting: .dimensionName, value: name) {
      try makeMetrics([:], on: $0, dimensionSets: [[name]], dimensions: [name: "x"])
    }
  }

  private static let badValues = [
    "", " ", "\u{E9}", "a\u{0}", "\u{7F}", String(repeating: "n", count: 1025),
  ].flatMap { value in
    [
      Case(setting: .dimensionValue, value: value) {
        try makeMetrics([:], on: $0, dimensionSets: [["x"]], dimensions: ["x": value])
      },
      Case(setting: .dimensionValue, value: value) {
        try makeMetrics([value: MeterStub()], on: $0)
      },
      Case(setting: .dimensionValue, value: value) {
        try makeMetrics([:], on: $0, environment: ["AWS_LAMBDA_FUNCTION_NAME": value])
      },
    ]
  }

  private static let others = [
    Case(setting: .dimensionSets, value: "[]") { try makeMetrics([:], on: $0, dimensionSets: []) },
    Case(setting: .dimensionSets, value: "[\"CacheName\", \"CacheName\"]") {
      try makeMetrics([:], on: $0, dimensionSets: [["CacheName", "CacheName"]])
    },
    Case(setting: .dimensionSets, value: "\((1...31).map { "d\($0)" })") {
      let names = (1...31).map { "d\($0)" }
      return try makeMetrics(
        [:], on: $0, dimensionSets: [names],
        dimensions: Dictionary(uniqueKeysWithValues: names.map { ($0, "x") }))
    },
    Case(setting: .dimensionName, value: "Stage") {
      try makeMetrics([:], on: $0, dimensionSets: [["Stage"]])
    },
    Case(setting: .dimensionName, value: "Stage") {
      try makeMetrics([:], on: $0, dimensions: ["Stage": "a"])
    },
    Case(setting: .dimensionName, value: "FunctionName") {
      try makeMetrics([:], on: $0, dimensions: ["FunctionName": "b"])
    },
    Case(setting: .dimensionName, value: "CacheName") {
      try makeMetrics([:], on: $0, dimensions: ["CacheName": "b"])
    },
    Case(setting: .everyInvocations, value: "0") { try makeMetrics([:], on: $0, every: 0) },
    Case(setting: .loadTime, value: "a: \(Duration.seconds(1))") {
      try makeMetrics([:], on: $0, loadTimes: ["a": .seconds(1)])
    },
    Case(setting: .loadTime, value: "a: \(Duration.seconds(-1))") {
      try makeMetrics(["a": MeterStub()], on: $0, loadTimes: ["a": .seconds(-1)])
    },
  ]
  private static let badSizes = ["0", "-1", "128MB", ""].map { size in
    Case(setting: .memorySize, value: size) {
      try makeMetrics([:], on: $0, environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": size])
    }
  }

  @Test(
    "Settings of metrics that CloudWatch would refuse are refused, with what is accepted",
    arguments: badNamespaces + badNames + badValues + others + badSizes)
  private func refusals(_ example: Case) throws {
    let error = try #require(throws: SavingsMetricsError.self) { try example.make(LinePaper()) }
    #expect(error.setting == example.setting)
    #expect(error.value == example.value)
    #expect(!error.accepted.isEmpty)
    #expect(!error.description.contains("\n"))
  }

  @Test("Settings of metrics at the edge of what is accepted are accepted")
  func edges() throws {
    let paper = LinePaper()
    let meter = MeterStub()
    let longest = String(repeating: "n", count: 250)
    let names = (1...28).map { "d\($0)" }
    var dimensions = Dictionary(uniqueKeysWithValues: names.map { ($0, "\"\\ \($0)") })
    dimensions[longest] = "x"
    let metrics = try makeMetrics(
      [String(repeating: "~", count: 1024): meter], on: paper,
      namespace: String(repeating: "n", count: 255),
      dimensionSets: [names + ["CacheName", longest], ["d1"]], dimensions: dimensions)
    meter.add(hits: 1)
    metrics.endInvocation()
    #expect(try paper.documents().count == 1)
  }
}
