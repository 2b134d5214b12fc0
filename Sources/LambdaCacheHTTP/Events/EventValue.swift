/// A value of JSON, for the parts of an event that have no fixed form.
public enum EventValue: Sendable, Hashable, Codable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number.
  case number(Double)
  /// A string.
  case string(String)
  /// A list.
  case array([EventValue])
  /// Values by name.
  case object([String: EventValue])

  /// Reads a value.
  ///
  /// - Parameter decoder: Where to read.
  /// - Throws: `DecodingError` if there is none.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([EventValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: EventValue].self))
    }
  }

  /// Writes the value.
  ///
  /// - Parameter encoder: Where to write.
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }

  /// A member of an object, or `nil` if there is none.
  ///
  /// - Parameter name: The name of the member.
  public subscript(name: String) -> EventValue? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  /// Whether there is something in it.
  var isPresent: Bool {
    switch self {
    case .null: false
    case .object(let members): members.values.contains(where: \.isPresent)
    case .bool, .number, .string, .array: true
    }
  }
}
