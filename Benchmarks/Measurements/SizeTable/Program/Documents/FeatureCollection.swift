import LambdaCache

/// A map layer, as GeoJSON (RFC 7946) writes it.
struct FeatureCollection: Codable, HeapSized {
  var features: [Feature]

  struct Feature: Codable {
    var id: String
    var geometry: Geometry
    var properties: [String: Property]
  }

  /// A geometry, whose coordinates are nested as deep as its type says.
  enum Geometry: Codable {
    case point([Double])
    case line([[Double]])
    case polygon([[[Double]]])

    private enum Key: String, CodingKey {
      case type, coordinates
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      switch try container.decode(String.self, forKey: .type) {
      case "Point": self = .point(try container.decode([Double].self, forKey: .coordinates))
      case "LineString": self = .line(try container.decode([[Double]].self, forKey: .coordinates))
      default: self = .polygon(try container.decode([[[Double]]].self, forKey: .coordinates))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      switch self {
      case .point(let point):
        try container.encode("Point", forKey: .type)
        try container.encode(point, forKey: .coordinates)
      case .line(let line):
        try container.encode("LineString", forKey: .type)
        try container.encode(line, forKey: .coordinates)
      case .polygon(let rings):
        try container.encode("Polygon", forKey: .type)
        try container.encode(rings, forKey: .coordinates)
      }
    }
  }

  /// A value without a schema.
  enum Property: Codable {
    case text(String)
    case number(Double)
    case flag(Bool)
    case list([Property])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let flag = try? container.decode(Bool.self) {
        self = .flag(flag)
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else if let text = try? container.decode(String.self) {
        self = .text(text)
      } else {
        self = .list(try container.decode([Property].self))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .number(let number): try container.encode(number)
      case .flag(let flag): try container.encode(flag)
      case .list(let list): try container.encode(list)
      }
    }
  }

  static func document(_ seed: Int) -> String {
    let features = (0..<4).map { index in
      let point = "[16.3\(seed % 1_000), 48.2\(index)]"
      let ring = Array(repeating: point, count: 5 + seed % 5).joined(separator: ",")
      let geometry =
        switch index {
        case 0: "{\"type\": \"Point\", \"coordinates\": \(point)}"
        case 1: "{\"type\": \"LineString\", \"coordinates\": [\(ring)]}"
        default: "{\"type\": \"Polygon\", \"coordinates\": [[\(ring)], [\(ring)]]}"
        }
      return """
        {"type": "Feature", "id": "way/\(seed)/\(index)-\(Sample.text(12, seed))",
         "geometry": \(geometry),
         "properties": {"name": "\(Sample.text(24, seed + index))", "height": 12.5,
           "surveyed": true, "tags": ["building", "\(Sample.text(19, seed))", 7]}}
        """
    }
    return "{\"type\": \"FeatureCollection\", \"features\": [\(features.joined(separator: ","))]}"
  }
}
