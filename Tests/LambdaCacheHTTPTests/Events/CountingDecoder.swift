import LambdaCacheText
import Testing

@testable import LambdaCacheHTTP

/// Reads an `EventValue` out of another, and counts how often it is asked, and asked in vain.
struct CountingDecoder: Decoder, SingleValueDecodingContainer {
  final class Count {
    /// Questions for a value of a kind.
    var asked = 0
    /// Those among them that the value was not of.
    var refused = 0
  }

  let value: EventValue
  let count: Count
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// The counts of reading a value.
  static func count(_ value: EventValue) throws -> Count {
    let count = Count()
    #expect(try EventValue(from: CountingDecoder(value: value, count: count)) == value)
    return count
  }

  fileprivate func answer<Answer>(_ answer: Answer?) throws -> Answer {
    count.asked += 1
    if let answer { return answer }
    count.refused += 1
    throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "another kind"))
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool { value == .null }

  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    switch value {
    case .bool(let bool): try answer(bool as? T)
    case .number(let number): try answer(number as? T)
    case .string(let string): try answer(string as? T)
    case .null, .array, .object: try answer(nil)
    }
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let elements) = value else { return try answer(nil) }
    return try answer(Elements(elements: elements, counter: count))
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .object(let members) = value else { return try answer(nil) }
    return try answer(KeyedDecodingContainer(Members<Key>(members: members, count: count)))
  }

  private struct Unexpected: Error {}

  private struct Elements: UnkeyedDecodingContainer {
    let elements: [EventValue]
    let counter: Count
    var currentIndex = 0
    var codingPath: [any CodingKey] { [] }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex == elements.count }

    init(elements: [EventValue], counter: Count) {
      self.elements = elements
      self.counter = counter
    }

    mutating func superDecoder() throws -> any Decoder {
      defer { currentIndex += 1 }
      return CountingDecoder(value: elements[currentIndex], count: counter)
    }

    mutating func decodeNil() throws -> Bool { throw Unexpected() }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { throw Unexpected() }

    mutating func nestedContainer<Key: CodingKey>(
      keyedBy type: Key.Type
    ) throws -> KeyedDecodingContainer<Key> { throw Unexpected() }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
      throw Unexpected()
    }
  }

  private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: [String: EventValue]
    let count: Count
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { members.keys.compactMap { Key(stringValue: $0) } }

    func superDecoder(forKey key: Key) throws -> any Decoder {
      CountingDecoder(value: members[key.stringValue] ?? .null, count: count)
    }

    func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }

    func decodeNil(forKey key: Key) throws -> Bool { throw Unexpected() }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { throw Unexpected() }

    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw Unexpected() }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      throw Unexpected()
    }

    func superDecoder() throws -> any Decoder { throw Unexpected() }
  }
}
