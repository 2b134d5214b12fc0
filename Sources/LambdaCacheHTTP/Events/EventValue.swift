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

  /// How many names and numbers may lead to a value: far more than any gateway's, and few enough for
  /// the stack and for the time that it takes.
  static let deepest = 64

  private struct Name: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }

    init?(intValue: Int) { nil }
  }

  /// Reads a value.
  ///
  /// - Parameter decoder: Where to read.
  /// - Throws: `DecodingError` if there is none, or it is more than 64 arrays and objects deep.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    // A decoder says what a value is by throwing for what it is not, with the whole path: what is most
    // frequent comes first.
    if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if container.decodeNil() {
      self = .null
    } else if let members = try? decoder.container(keyedBy: Name.self) {
      try Self.checkDepth(decoder)
      var values: [String: EventValue] = [:]
      for name in members.allKeys {
        values[name.stringValue] = try members.decode(EventValue.self, forKey: name)
      }
      self = .object(values)
    } else if var elements = try? decoder.unkeyedContainer() {
      try Self.checkDepth(decoder)
      var values: [EventValue] = []
      while !elements.isAtEnd { values.append(try elements.decode(EventValue.self)) }
      self = .array(values)
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else {
      self = .number(try container.decode(Double.self))
    }
  }

  private static func checkDepth(_ decoder: any Decoder) throws {
    let path = decoder.codingPath
    guard path.count < deepest else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: path,
          debugDescription:
            "more than \(deepest) arrays and objects deep; accepted: at most \(deepest)"
        ))
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
