import Foundation
import LambdaCacheText
import TestSupport
import Testing

@testable import LambdaCacheHandlers

@Suite("JSON that is written")
struct JSONTextTests {
  private static func literal(_ text: String) -> String {
    var json = JSONWriter()
    json.append(string: text)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  @Test(
    "JSON that is written escapes what must be, and nothing else",
    arguments: [
      ("", "\"\""), ("a/b", "\"a/b\""), ("\"\\", #""\"\\""#), ("\u{0}\u{1F}", #""\u0000\u001f""#),
      ("\n\r\t", #""\n\r\t""#), ("\u{7F}\u{2028}", "\"\u{7F}\u{2028}\""),
      ("\u{1F600}", "\"\u{1F600}\""), ("e\u{301}", "\"e\u{301}\""),
    ])
  func escapes(_ text: String, _ literal: String) {
    #expect(Array(Self.literal(text).utf8) == Array(literal.utf8))
  }

  @Test("JSON that is written is read back by Foundation to the very same scalars")
  func fuzz() throws {
    var random = SplitMix64(seed: FuzzEnvironment.seed)
    let pool: [ClosedRange<UInt32>] = [
      0...0x1F, 0x20...0x7E, 0x7F...0x9F, 0xA0...0x24F, 0x300...0x36F, 0x2000...0x202F,
      0xD700...0xD7FF, 0xE000...0xE0FF, 0xFFF0...0xFFFF, 0x10000...0x10FFFF,
    ]
    for _ in 0..<3_000 {
      var text = ""
      for _ in 0..<Int.random(in: 0...40, using: &random) {
        let range = pool.randomElement(using: &random)!
        text.unicodeScalars.append(Unicode.Scalar(UInt32.random(in: range, using: &random))!)
      }
      let data = Data("[\(Self.literal(text))]".utf8)
      let read = try #require(try JSONSerialization.jsonObject(with: data) as? [String])
      #expect(
        Array(read[0].unicodeScalars) == Array(text.unicodeScalars), "\(text.debugDescription)")
    }
  }

  @Test(
    "JSON that is written has numbers that are read back to the same",
    arguments: [
      0, -0.0, 1, -1.5, 0.1, 1e-7, .leastNonzeroMagnitude, 1e16, 1e22, .greatestFiniteMagnitude,
      0x1p360,
      1.0 / 3, 123_456_789.123_456_79,
    ] as [Double])
  func numbers(_ number: Double) throws {
    var json = JSONWriter()
    json.append(number: number)
    #expect(
      try JSONDecoder().decode([Double].self, from: Data("[".utf8 + json.bytes + "]".utf8)) == [
        number
      ])
  }

  @Test("Metrics that are written have no value that CloudWatch would refuse")
  func unrepresentable() throws {
    let values = [.nan, .infinity, -.infinity, 0x1.1p360, -0x1p361, 0x1p360, -0x1p360] as [Double]
    let line = EmbeddedMetricLine(
      timestamp: 0, namespace: "n", dimensionSets: [[]], dimensions: [],
      metrics: values.enumerated().map { .init(name: "m\($0)", unit: .none, value: $1) })
    var bytes: [UInt8] = []
    line.append(to: &bytes)
    let text = String(decoding: bytes.dropLast(), as: UTF8.self)
    #expect(try EmbeddedMetricFormat.violations(of: text) == [])
    let document = try JSONTree(json: text)
    #expect((0..<values.count).filter { document["m\($0)"] != nil } == [5, 6])
  }
}
