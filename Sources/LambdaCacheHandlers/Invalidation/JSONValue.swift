/// A value of JSON, as far as it is read from text (RFC 8259) or from a decoder.
///
/// Numbers say nothing to an invalidation: only that there is one is kept.
enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case number
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])
  /// Something that is not read, because nobody needs it.
  case unread
  /// A string that a decoder cannot decode.
  case malformed
  /// An array or an object that is not read, because it is too deep in others.
  case tooDeep

  /// What it is, for a message.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    case .unread: "something else"
    case .malformed: "a string that is not JSON"
    case .tooDeep: "more than \(JSONPart.deepest) arrays and objects deep"
    }
  }

  /// A member of an object, or `nil` if there is none.
  subscript(name: String) -> JSONValue? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  var string: String? {
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

  /// Reads a part of an event.
  ///
  /// - Complexity: O(*n*) in the number of members and elements that the part reads, and of the
  ///   names beside them; what lies within the others is not looked at.
  init(from decoder: any Decoder, as part: JSONPart, depth: Int = 0) throws {
    if part == .presence {
      self = .unread
    } else if depth >= JSONPart.deepest, part.hasMembers || part.element != nil {
      self = .tooDeep
    } else if part.hasMembers, let container = try? decoder.container(keyedBy: Name.self) {
      var members: [String: JSONValue] = [:]
      for name in container.allKeys {
        guard let part = part.member(name.stringValue) else { continue }
        members[name.stringValue] =
          part == .presence
          ? .unread
          : try JSONValue(from: container.superDecoder(forKey: name), as: part, depth: depth + 1)
      }
      self = .object(members)
    } else if let element = part.element, var container = try? decoder.unkeyedContainer() {
      var elements: [JSONValue] = []
      while !container.isAtEnd {
        if element == .scalar, let text = try? container.decode(String.self) {
          elements.append(.string(text))
          continue
        }
        elements.append(
          try JSONValue(from: container.superDecoder(), as: element, depth: depth + 1))
        // An element that is no text is an error, whatever follows.
        if part == .texts { break }
      }
      self = .array(elements)
    } else {
      try self.init(scalarFrom: decoder, isText: part == .text || part == .attribute)
    }
  }

  /// Reads a scalar, and of anything else the kind.
  ///
  /// - Parameter isText: Whether it does not matter what there is in place of a string.
  private init(scalarFrom decoder: any Decoder, isText: Bool) throws {
    let container = try decoder.singleValueContainer()
    do {
      self = .string(try container.decode(String.self))
      return
    } catch DecodingError.dataCorrupted {
      self = .malformed
      return
    } catch {
      // It is no string.
    }
    if isText {
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
      // Not decoded: it may have more digits than any type takes.
      self = .number
    }
  }
}
