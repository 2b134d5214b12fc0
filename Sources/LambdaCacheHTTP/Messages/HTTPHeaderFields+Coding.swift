internal import LambdaCache
internal import LambdaCacheText

/// As a JSON object: a string for a name that comes once, a list of strings for one that comes
/// several times.
extension HTTPHeaderFields: Codable {}

extension HTTPHeaderFields: DecodableByReading, EncodableByWriting {
  /// Reads an object whose members are strings, lists of strings or `null`.
  init(reading decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: FieldKey.self)
    var fields: HTTPHeaderFields = [:]
    for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
      if try container.decodeNil(forKey: key) { continue }
      if let value = try? container.decode(String.self, forKey: key) {
        fields.append(name: key.stringValue, value: value)
      } else {
        for value in try container.decode([String].self, forKey: key) {
          fields.append(name: key.stringValue, value: value)
        }
      }
    }
    self = fields
  }

  func write(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: FieldKey.self)
    for (name, values) in grouped {
      if values.count == 1 {
        try container.encode(values[0], forKey: FieldKey(name))
      } else {
        try container.encode(values, forKey: FieldKey(name))
      }
    }
  }

  /// The values of each name, under its first spelling, in order.
  var grouped: [(name: String, values: [String])] {
    var groups: [(name: String, values: [String])] = []
    var indices: [String: Int] = [:]
    for field in lines {
      let name = field.name.lowercasedASCII
      if let index = indices[name] {
        groups[index].values.append(field.value)
      } else {
        indices[name] = groups.count
        groups.append((field.name, [field.value]))
      }
    }
    return groups
  }

  /// One string for each name: several values are joined, except those of `Set-Cookie`, which
  /// cannot be (RFC 9110, section 5.3), and of which the last one is taken.
  var singleValued: [String: String] {
    Dictionary(
      grouped.map { name, values in
        (
          name,
          name.equalsIgnoringCase("set-cookie")
            ? values[values.count - 1] : values.joined(separator: ", ")
        )
      }, uniquingKeysWith: { $1 })
  }

  /// A list for each name.
  var multiValued: [String: [String]] {
    Dictionary(grouped.map { ($0.name, $0.values) }, uniquingKeysWith: +)
  }

  /// These fields, and those of others whose name and value are not among them.
  func merging(_ others: HTTPHeaderFields) -> HTTPHeaderFields {
    if lines.isEmpty { return others }
    // No name has a line break in it.
    func identity(_ field: Field) -> ExactString {
      ExactString(field.name.lowercasedASCII + "\n" + field.value)
    }
    var merged = self
    var known = Set(lines.map(identity))
    for field in others.lines where known.insert(identity(field)).inserted {
      merged.append(name: field.name, value: field.value)
    }
    return merged
  }

  /// The last field of each name.
  var lastOnes: HTTPHeaderFields {
    HTTPHeaderFields(grouped.map { Field(name: $0.name, value: $0.values[$0.values.count - 1]) })
  }
}

/// The name of a field as a coding key.
private struct FieldKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }

  init?(stringValue: String) { self.stringValue = stringValue }

  init?(intValue: Int) { return nil }
}
