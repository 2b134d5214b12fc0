internal import LambdaCache
internal import LambdaCacheText

/// One log line from which CloudWatch extracts metrics (CloudWatch user guide, *Embedded metric
/// format specification*).
struct EmbeddedMetricLine {
  struct Metric {
    /// CloudWatch's names of units, as far as they are needed here (CloudWatch API reference,
    /// `MetricDatum`).
    enum Unit: String {
      case count = "Count"
      case bytes = "Bytes"
      case milliseconds = "Milliseconds"
      case percent = "Percent"
      case none = "None"
    }

    var name: String
    var unit: Unit
    var value: Double
  }

  /// The most metrics of a line.
  static let largestMetricCount = 100

  /// Milliseconds since 1970.
  var timestamp: Int64
  var namespace: String
  /// Sets of names of ``dimensions``.
  var dimensionSets: [[String]]
  /// Values by name, in the order they are written.
  var dimensions: [(name: String, value: String)]
  var metrics: [Metric]

  /// Whether CloudWatch takes a value: from −2^360 to 2^360, and neither infinity nor NaN
  /// (CloudWatch API reference, `MetricDatum`).
  static func isRepresentable(_ value: Double) -> Bool {
    value.magnitude <= 0x1p360
  }

  /// Appends the line, with the line feed at its end.
  ///
  /// Metrics whose values are not representable are left out.
  func append(to bytes: inout [UInt8]) {
    let metrics = metrics.filter { EmbeddedMetricLine.isRepresentable($0.value) }
    requireArgument(
      metrics.count <= EmbeddedMetricLine.largestMetricCount, "too many metrics in a line")
    var text = JSONWriter()
    text.append(literal: #"{"_aws":{"Timestamp":"#)
    text.append(integer: timestamp)
    text.append(literal: #","CloudWatchMetrics":[{"Namespace":"#)
    text.append(string: namespace)
    text.append(literal: #","Dimensions":"#)
    text.append(dimensionSets, in: ("[", "]")) { text, names in
      text.append(strings: names)
    }
    text.append(literal: #","Metrics":"#)
    text.append(metrics, in: ("[", "]")) { text, metric in
      text.append(literal: #"{"Name":"#)
      text.append(string: metric.name)
      text.append(literal: #","Unit":"#)
      text.append(string: metric.unit.rawValue)
      text.append(literal: "}")
    }
    text.append(literal: "}]}")
    for (name, value) in dimensions {
      text.append(literal: ",")
      text.append(string: name)
      text.append(literal: ":")
      text.append(string: value)
    }
    for metric in metrics {
      text.append(literal: ",")
      text.append(string: metric.name)
      text.append(literal: ":")
      text.append(number: metric.value)
    }
    text.append(literal: "}\n")
    bytes.append(contentsOf: text.bytes)
  }
}
