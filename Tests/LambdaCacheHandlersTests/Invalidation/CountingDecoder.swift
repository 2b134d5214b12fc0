/// Counts what reading asks of a decoder.
final class DecodingWork {
  /// Containers, members, elements and values that were asked for.
  var steps = 0
  /// Questions that were answered with an error.
  var errors = 0
  /// The deepest place that was asked about.
  var depth = 0
}

/// A decoder of values of JSON that counts what it is asked.
struct CountingDecoder: Decoder {
  let tree: JSONTree
  let work: DecodingWork
  var codingPath: [any CodingKey] = []
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  init(_ tree: JSONTree, _ work: DecodingWork, path: [any CodingKey] = []) {
    self.tree = tree
    self.work = work
    codingPath = path
    work.steps += 1
    work.depth = max(work.depth, path.count)
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    work.steps += 1
    guard case .object(let members) = tree else { throw mismatch(type) }
    return KeyedDecodingContainer(Members(decoder: self, members: members))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    work.steps += 1
    guard case .array(let elements) = tree else { throw mismatch([Any].self) }
    return Elements(decoder: self, elements: elements)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(decoder: self) }

  fileprivate func mismatch(_ type: Any.Type) -> DecodingError {
    work.errors += 1
    return .typeMismatch(type, .init(codingPath: codingPath, debugDescription: "\(type)"))
  }

  fileprivate func value<Value>(_ type: Value.Type) throws -> Value {
    work.steps += 1
    let value: Any? =
      switch tree {
      case .bool(let value): value
      case .number(let value): value
      case .string(let value): value
      case .null, .array, .object: nil
      }
    guard let value = value as? Value else { throw mismatch(type) }
    return value
  }
}

private struct Index: CodingKey {
  var intValue: Int?
  var stringValue: String { "\(intValue ?? 0)" }

  init(_ value: Int) { intValue = value }
  init?(intValue: Int) { self.intValue = intValue }
  init?(stringValue: String) { nil }
}

private struct Single: SingleValueDecodingContainer {
  let decoder: CountingDecoder
  var codingPath: [any CodingKey] { decoder.codingPath }

  func decodeNil() -> Bool {
    decoder.work.steps += 1
    return decoder.tree == .null
  }

  func decode(_ type: Bool.Type) throws -> Bool { try decoder.value(type) }
  func decode(_ type: String.Type) throws -> String { try decoder.value(type) }
  func decode(_ type: Double.Type) throws -> Double { try decoder.value(type) }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: decoder) }
}

private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: CountingDecoder
  let members: [String: JSONTree]
  var codingPath: [any CodingKey] { decoder.codingPath }

  var allKeys: [Key] {
    decoder.work.steps += members.count
    return members.keys.compactMap(Key.init)
  }

  func contains(_ key: Key) -> Bool {
    decoder.work.steps += 1
    return members[key.stringValue] != nil
  }

  private func decoder(for key: any CodingKey) throws -> CountingDecoder {
    guard let member = members[key.stringValue] else {
      throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: ""))
    }
    return CountingDecoder(member, decoder.work, path: codingPath + [key])
  }

  func decodeNil(forKey key: Key) throws -> Bool {
    try decoder(for: key).singleValueContainer().decodeNil()
  }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try decoder(for: key).singleValueContainer().decode(type)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> { try decoder(for: key).container(keyedBy: type) }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try decoder(for: key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { decoder }
  func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(for: key) }
}

private struct Elements: UnkeyedDecodingContainer {
  let decoder: CountingDecoder
  let elements: [JSONTree]
  var currentIndex = 0
  var codingPath: [any CodingKey] { decoder.codingPath }
  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex == elements.count }

  private func next() -> CountingDecoder {
    CountingDecoder(
      elements[currentIndex], decoder.work, path: codingPath + [Index(currentIndex)])
  }

  mutating func decodeNil() throws -> Bool {
    let isNil = try next().singleValueContainer().decodeNil()
    if isNil { currentIndex += 1 }
    return isNil
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let value =
      type == String.self
      ? try next().value(Value.self) : try next().singleValueContainer().decode(type)
    currentIndex += 1
    return value
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    let container = try next().container(keyedBy: type)
    currentIndex += 1
    return container
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    let container = try next().unkeyedContainer()
    currentIndex += 1
    return container
  }

  mutating func superDecoder() throws -> any Decoder {
    defer { currentIndex += 1 }
    return next()
  }
}
