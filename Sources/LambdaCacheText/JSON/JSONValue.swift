/// A JSON value, as far as its shape keeps it.
///
/// The values of numbers are not kept: no shape needs them.
package enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case number
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])
  /// A value whose shape keeps only its presence.
  case unread
  /// A string that a decoder cannot decode.
  case malformed
  /// An array or an object that is not read because it is inside too many others.
  case tooDeep

  /// The kind of the value, for a message.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    case .unread: "something else"
    case .malformed: "a string that is not JSON"
    case .tooDeep: "more than \(JSONLimits.depth) arrays and objects deep"
    }
  }

  /// A member of an object, or `nil` if there is none.
  package subscript(name: String) -> JSONValue? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  /// The text of a string; `nil` for anything else.
  package var string: String? {
    if case .string(let text) = self { text } else { nil }
  }
}

// Reading from a decoder, which says what a value is by throwing for what it is not.
extension JSONValue {
  private struct Name: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }

    init?(intValue: Int) { nil }
  }

  /// Reads a value from a decoder.
  ///
  /// - Complexity: O(*n*) in the number of members and elements that the shape reads, and of the
  ///   names beside them; what lies within the others is not looked at.
  package init<Shape: JSONShape>(
    from decoder: any Decoder, as shape: Shape, depth: Int = 0
  ) throws {
    if shape == .presence {
      self = .unread
    } else if depth >= JSONLimits.depth, shape.hasMembers || shape.element != nil {
      self = .tooDeep
    } else if shape.hasMembers, let container = try? decoder.container(keyedBy: Name.self) {
      var members: [String: JSONValue] = [:]
      for name in container.allKeys {
        guard let member = shape.member(name.stringValue) else { continue }
        members[name.stringValue] =
          member == .presence
          ? .unread
          : try JSONValue(from: container.superDecoder(forKey: name), as: member, depth: depth + 1)
      }
      self = .object(members)
    } else if let element = shape.element, var container = try? decoder.unkeyedContainer() {
      var elements: [JSONValue] = []
      while !container.isAtEnd {
        if element == .scalar, let text = try? container.decode(String.self) {
          elements.append(.string(text))
          continue
        }
        elements.append(
          try JSONValue(from: container.superDecoder(), as: element, depth: depth + 1))
        // The element that is not a string is an error, whatever follows.
        if shape.endsAtOtherElement { break }
      }
      self = .array(elements)
    } else {
      try self.init(scalarFrom: decoder, isTextOnly: shape.isTextOnly)
    }
  }

  /// Reads a scalar, and of anything else the kind.
  private init(scalarFrom decoder: any Decoder, isTextOnly: Bool) throws {
    let container = try decoder.singleValueContainer()
    do {
      self = .string(try container.decode(String.self))
      return
    } catch DecodingError.dataCorrupted {
      self = .malformed
      return
    } catch {
      // It is not a string.
    }
    if isTextOnly {
      self = .unread
    } else if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if (try? decoder.unkeyedContainer()) != nil {
      self = .array([])
    } else if (try? decoder.container(keyedBy: Name.self)) != nil {
      self = .object([:])
    } else {
      // Not decoded: it may have more digits than any type can hold.
      self = .number
    }
  }
}
