import Foundation
import Testing

@testable import LambdaCacheHandlers

/// A validator that refused nothing would prove nothing.
@Suite("The embedded metric format, as the tests know it:")
struct EmbeddedMetricFormatTests {
  private static let sample = """
    {"_aws": {"Timestamp": 1764000003000, "CloudWatchMetrics": [{"Namespace": "Shop",
    "Dimensions": [["FunctionName"], []], "Metrics": [{"Name": "Hits", "Unit": "Count"},
    {"Name": "Sizes", "StorageResolution": 60}]}]},
    "FunctionName": "search", "Hits": 3, "Sizes": [1, 2.5], "anything": {"else": true}}
    """.replacing("\n", with: " ")

  @Test("A document that keeps all rules is accepted as embedded metric format") func valid() throws
  {
    #expect(try EmbeddedMetricFormat.violations(of: Self.sample) == [])
  }

  @Test(
    "A document that breaks one rule is refused as embedded metric format",
    arguments: [
      (#""Timestamp": 1764000003000, "#, ""),
      (#"1764000003000"#, #""1764000003000""#),
      (#"1764000003000"#, "1764000003000.5"),
      (#"1764000003000"#, "-1"),
      (#""Timestamp""#, #""Time": 1, "Timestamp""#),
      (#""Namespace": "Shop", "#, ""),
      (#""Shop""#, #""""#),
      (#""Shop""#, #"":Shop""#),
      (#""Shop""#, #""Sh\u00f6p""#),
      (#""Shop""#, "\"" + String(repeating: "s", count: 256) + "\""),
      (#"[["FunctionName"], []]"#, "[]"),
      (#"[["FunctionName"], []]"#, #"["FunctionName"]"#),
      (#"["FunctionName"]"#, #"["FunctionName", "FunctionName"]"#),
      (#"["FunctionName"]"#, #"["CacheName"]"#),
      (#"["FunctionName"]"#, #"["Hits"]"#),
      (#""search""#, "7"),
      (#""search""#, #""""#),
      (#""search""#, "\"" + String(repeating: "s", count: 1025) + "\""),
      (#""Unit": "Count""#, #""Unit": "Counts""#),
      (#""Unit": "Count""#, #""Units": "Count""#),
      (#""Name": "Hits""#, #""Name": "Misses""#),
      (#""Hits": 3"#, #""Hits": "3""#),
      (#""Hits": 3"#, #""Hits": null"#),
      (#"[1, 2.5]"#, #"[1, "2.5"]"#),
      (#"[1, 2.5]"#, "[" + Array(repeating: "1", count: 101).joined(separator: ",") + "]"),
      ("60", "30"),
      ("{\"_aws\"", "x{\"_aws\""),
      (#""else": true}}"#, #""else": true}} {}"#),
      (#""search""#, "\"sea\nrch\""),
      (#"{"Name": "Hits", "Unit": "Count"}"#, #"{"Name": "Hits"}, {"Name": "Hits"}"#),
    ])
  func broken(_ part: String, _ replacement: String) throws {
    #expect(Self.sample.contains(part))
    let broken = Self.sample.replacing(part, with: replacement, maxReplacements: 1)
    #expect(try EmbeddedMetricFormat.violations(of: broken) != [])
  }

  @Test(
    "A document of the embedded metric format has up to 100 metrics",
    arguments: [100, 101])
  func metricCount(_ count: Int) throws {
    var document = try JSONTree(json: Self.sample)
    let names = (0..<count).map { "m\($0)" }
    document["_aws"]?["CloudWatchMetrics"]?[0]?["Metrics"] = .array(
      names.map { .object(["Name": .string($0)]) })
    for name in names { document[name] = .number(1) }
    #expect(try EmbeddedMetricFormat.violations(of: document).isEmpty == (count <= 100))
  }

  @Test(
    "A dimension set of the embedded metric format has up to 30 names",
    arguments: [30, 31])
  func dimensionCount(_ count: Int) throws {
    var document = try JSONTree(json: Self.sample)
    let names = (0..<count).map { "d\($0)" }
    document["_aws"]?["CloudWatchMetrics"]?[0]?["Dimensions"] = .array([
      .array(names.map(JSONTree.string))
    ])
    for name in names { document[name] = .string("x") }
    #expect(try EmbeddedMetricFormat.violations(of: document).isEmpty == (count <= 30))
  }

  @Test(
    "A schema with a keyword that is not implemented is an error",
    arguments: [
      #"{"types": "object"}"#, #"{"type": "text"}"#, #"{"minLength": "1"}"#, #"{"format": "date"}"#,
      #"{"additionalProperties": true}"#, #"{"properties": {"_aws": {"oneOf": []}}}"#, "[]",
    ])
  func unknownKeyword(_ schema: String) throws {
    let schema = JSONSchema(root: try JSONTree(json: schema))
    let document = try JSONTree(json: Self.sample)
    #expect(throws: JSONSchemaError.self) { try schema.violations(of: document) }
  }

  @Test(
    "Each keyword of a schema accepts and refuses",
    arguments: [
      (#"{"type": "integer"}"#, "1", "1.5"), (#"{"type": "integer"}"#, "-0", "true"),
      (#"{"type": "number"}"#, "1e3", #""1""#), (#"{"type": "boolean"}"#, "false", "0"),
      (#"{"type": "null"}"#, "null", "0"), (#"{"type": "array"}"#, "[]", "{}"),
      (#"{"type": "object"}"#, "{}", "[]"), (#"{"minimum": 2}"#, "2", "1.9"),
      (#"{"maximum": 2}"#, "2", "2.1"), (#"{"minLength": 2}"#, #""ab""#, #""\ud83d\ude00""#),
      (#"{"maxLength": 1}"#, #""\ud83d\ude00""#, #""ab""#),
      (#"{"pattern": "b$"}"#, #""ab""#, #""ba""#),
      (#"{"minItems": 1}"#, "[1]", "[]"), (#"{"maxItems": 1}"#, "[1]", "[1,2]"),
      (#"{"uniqueItems": true}"#, "[1,2]", "[1,1]"), (#"{"enum": [1,"a"]}"#, #""a""#, #""b""#),
      (#"{"required": ["a"]}"#, #"{"a":null}"#, #"{"b":1}"#),
      (#"{"items": {"type": "null"}}"#, "[null]", "[null,1]"),
      (#"{"properties": {"a": {"type": "null"}}}"#, #"{"b":1}"#, #"{"a":1}"#),
      (#"{"properties": {"a": {}}, "additionalProperties": false}"#, #"{"a":1}"#, #"{"b":1}"#),
    ])
  func keywords(
    _ schema: String, _ good: String, _ bad: String
  ) throws {
    let schema = JSONSchema(root: try JSONTree(json: schema))
    #expect(try schema.violations(of: try JSONTree(json: good)) == [])
    #expect(try schema.violations(of: try JSONTree(json: bad)).count == 1)
  }
}
