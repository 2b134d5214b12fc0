internal import LambdaCacheText

/// A JSON value, for the parts of an event that have no fixed form.
///
/// ```swift
/// func subject(of event: HTTPAPIEvent) -> String? {
///   event.requestContext["authorizer"]?["jwt"]?["claims"]?["sub"]?.text
/// }
/// ```
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

  /// The most names and indices that may lead to a value: far more than any gateway's, and few
  /// enough for the stack and for the time that it takes.
  static var deepest: Int { JSONLimits.depth }

  private struct Name: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }

    init?(intValue: Int) { nil }
  }

  /// The kinds of values beside `null`.
  enum Kind: CaseIterable {
    case string, object, array, bool, number
  }

  /// The kind of the value; `nil` for `null`.
  var kind: Kind? {
    switch self {
    case .null: nil
    case .bool: .bool
    case .number: .number
    case .string: .string
    case .array: .array
    case .object: .object
    }
  }

  /// A member of an object; `nil` if the value is none or has no such member.
  ///
  /// Setting `nil` removes a member. A value that is not an object becomes one when a member is
  /// set.
  ///
  /// - Parameter name: The name of the member.
  public subscript(name: String) -> EventValue? {
    get { if case .object(let members) = self { members[name] } else { nil } }
    set {
      var members: [String: EventValue] = [:]
      if case .object(let present) = self { members = present }
      members[name] = newValue
      self = .object(members)
    }
  }

  /// The text of a string; `nil` for any other value.
  public var text: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// Whether the value is neither `null` nor an object without values.
  var isPresent: Bool {
    switch self {
    case .null: false
    case .object(let members): members.values.contains(where: \.isPresent)
    case .bool, .number, .string, .array: true
    }
  }
}

extension EventValue: DecodableByReading, EncodableByWriting {
  /// Reads a value.
  ///
  /// - Throws: `DecodingError` if there is none, or it is more than 64 arrays and objects deep.
  /// - Complexity: O(*n*) in the number of values if their kinds repeat, as in records; otherwise
  ///   each costs the square of its depth in addition.
  init(reading decoder: any Decoder) throws {
    var guesses = EventValueGuesses()
    self = try Self.read(
      decoder, depth: decoder.codingPath.count, first: .object, guesses: &guesses)
  }

  /// Reads a value.
  ///
  /// - Parameters:
  ///   - decoder: The decoder of the value.
  ///   - depth: The number of names and indices that lead to the value.
  ///   - guess: The kind that is tried first.
  ///   - guesses: The kinds of what was read before.
  private static func read(
    _ decoder: any Decoder, depth: Int, first guess: Kind, guesses: inout EventValueGuesses
  ) throws -> EventValue {
    let container = try decoder.singleValueContainer()
    // The only test of a kind that a decoder does not answer by throwing.
    if container.decodeNil() { return .null }
    if let value = try read(decoder, container, depth, as: guess, &guesses) { return value }
    for kind in Kind.allCases where kind != guess {
      if let value = try read(decoder, container, depth, as: kind, &guesses) { return value }
    }
    return .number(try container.decode(Double.self))
  }

  /// Reads a value of a kind, or `nil` if it is of another.
  private static func read(
    _ decoder: any Decoder, _ container: any SingleValueDecodingContainer, _ depth: Int,
    as kind: Kind, _ guesses: inout EventValueGuesses
  ) throws -> EventValue? {
    switch kind {
    case .string: return (try? container.decode(String.self)).map(EventValue.string)
    case .bool: return (try? container.decode(Bool.self)).map(EventValue.bool)
    case .number: return (try? container.decode(Double.self)).map(EventValue.number)
    case .object:
      guard let members = try? decoder.container(keyedBy: Name.self) else { return nil }
      guard depth < deepest else { throw tooDeep(decoder) }
      let keys = members.allKeys
      var values: [String: EventValue] = [:]
      values.reserveCapacity(keys.count)
      for key in keys {
        let name = key.stringValue
        let value = try read(
          members.superDecoder(forKey: key), depth: depth + 1,
          first: guesses.kind(of: name, depth: depth), guesses: &guesses)
        guesses.note(value, of: name, depth: depth)
        values[name] = value
      }
      return .object(values)
    case .array:
      guard var elements = try? decoder.unkeyedContainer() else { return nil }
      guard depth < deepest else { throw tooDeep(decoder) }
      var values: [EventValue] = []
      while !elements.isAtEnd {
        let previous = values.last
        let value = try read(
          elements.superDecoder(), depth: depth + 1,
          first: guesses.kind(after: previous, depth: depth), guesses: &guesses)
        guesses.note(value, after: previous, depth: depth)
        values.append(value)
      }
      return .array(values)
    }
  }

  private static func tooDeep(_ decoder: any Decoder) -> DecodingError {
    DecodingError.dataCorrupted(
      DecodingError.Context(
        codingPath: decoder.codingPath,
        debugDescription:
          "more than \(deepest) arrays and objects deep; accepted: at most \(deepest)"))
  }

  func write(to encoder: any Encoder) throws {
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
}
