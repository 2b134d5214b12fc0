/// The rules of CloudWatch's embedded metric format, encoded here from the text of its
/// specification (Amazon CloudWatch user guide, *Specification: Embedded metric format*), with
/// every constraint of the schema that it gives, and more of those that only its text has.
enum EmbeddedMetricFormat {
  /// Rules that a schema can express.
  ///
  /// Stricter than the specification's schema where its text, or the CloudWatch API reference, is:
  /// 100 metrics, storage resolutions, 255 characters and the characters of a namespace.
  static let schema = """
    {
      "$schema": "http://json-schema.org/draft-07/schema#",
      "$comment": "the root node",
      "type": "object",
      "required": ["_aws"],
      "properties": {"_aws": {
        "$comment": "metadata object",
        "type": "object",
        "required": ["CloudWatchMetrics", "Timestamp"],
        "additionalProperties": false,
        "properties": {
          "Timestamp": {"type": "integer", "minimum": 0},
          "CloudWatchMetrics": {"type": "array", "minItems": 1, "items": {
            "$comment": "MetricDirective object",
            "type": "object",
            "required": ["Dimensions", "Metrics", "Namespace"],
            "additionalProperties": false,
            "properties": {
              "Namespace": {
                "type": "string", "minLength": 1, "maxLength": 255,
                "pattern": "^[0-9A-Za-z._/# -][0-9A-Za-z._/#: -]*$"
              },
              "Dimensions": {"type": "array", "minItems": 1, "items": {
                "$comment": "DimensionSet array",
                "type": "array", "maxItems": 30, "uniqueItems": true,
                "items": {"type": "string", "minLength": 1, "maxLength": 250, "pattern": "^[^:]"}
              }},
              "Metrics": {"type": "array", "maxItems": 100, "uniqueItems": true, "items": {
                "$comment": "MetricDefinition object",
                "type": "object",
                "required": ["Name"],
                "additionalProperties": false,
                "properties": {
                  "Name": {"type": "string", "minLength": 1, "maxLength": 255},
                  "Unit": {"enum": [
                    "None", "Count", "Percent", "Seconds", "Milliseconds", "Microseconds",
                    "Bits", "Kilobits", "Megabits", "Gigabits", "Terabits",
                    "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Count/Second",
                    "Bits/Second", "Kilobits/Second", "Megabits/Second", "Gigabits/Second",
                    "Terabits/Second", "Bytes/Second", "Kilobytes/Second", "Megabytes/Second",
                    "Gigabytes/Second", "Terabytes/Second"
                  ]},
                  "StorageResolution": {"type": "integer", "enum": [1, 60]}
                }
              }}
            }
          }}
        }
      }}
    }
    """

  /// The most bytes of a log event that was always accepted: 256 KB.
  static let longestLine = 262_144

  /// The violations of a line, without the line feed at its end; empty if it is valid.
  static func violations(of line: String) throws -> [String] {
    guard line.utf8.count <= longestLine else { return ["the line is too long"] }
    guard !line.contains("\n"), !line.contains("\r") else { return ["there is more than one line"] }
    guard let document = try? JSONTree(json: line) else { return ["the line is not JSON"] }
    return try violations(of: document)
  }

  static func violations(of document: JSONTree) throws -> [String] {
    let schema = JSONSchema(root: try JSONTree(json: schema))
    return try schema.violations(of: document) + targetViolations(of: document)
  }

  /// Rules that no schema can express: every name refers to a root member of the right type.
  private static func targetViolations(of document: JSONTree) -> [String] {
    var found: [String] = []
    for directive in document["_aws"]?["CloudWatchMetrics"]?.elements ?? [] {
      for name in (directive["Dimensions"]?.elements ?? []).flatMap(\.elements) {
        let value = name.text.flatMap { document[$0]?.text }
        if value.map({ !(1...1024).contains($0.unicodeScalars.count) }) ?? true {
          found.append("no target for dimension \(name)")
        }
      }
      for metric in directive["Metrics"]?.elements ?? [] {
        switch metric["Name"]?.text.flatMap({ document[$0] }) {
        case .number: break
        case .array(let all) where all.count <= 100 && all.allSatisfy { $0.number != nil }: break
        default: found.append("no target for metric \(metric)")
        }
      }
    }
    return found
  }
}
