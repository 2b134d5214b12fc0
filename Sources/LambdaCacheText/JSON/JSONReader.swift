/// Reads JSON as RFC 8259 has it, and nothing else: no comments, no byte order mark, no lone
/// surrogates, no name twice in an object.
///
/// All of a text is checked, but only what its shape reads is kept, and only among those members a
/// second one of a name is noticed. Each byte is looked at a constant number of times.
///
/// It reads messages in queues without Foundation.
package struct JSONReader<Shape: JSONShape> {
  private let bytes: [UInt8]
  private var offset = 0
  private var depth = 0

  private init(_ text: String) { bytes = Array(text.utf8) }

  /// Reads a text that is one value.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - shape: The parts of the value that are kept.
  /// - Complexity: O(*n*) in the length of the text.
  package static func read(_ text: String, as shape: Shape) throws(JSONFault) -> JSONValue {
    var reader = JSONReader(text)
    let value = try reader.value(shape)
    guard reader.offset == reader.bytes.count else { throw reader.fault }
    return value
  }

  private var fault: JSONFault { JSONFault(offset: offset) }
  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  /// Reads a value with the white space around it.
  private mutating func value(_ shape: Shape) throws(JSONFault) -> JSONValue {
    skipSpace()
    let value: JSONValue
    switch next {
    case UInt8(ascii: "{"): value = try nested(shape, JSONReader.object)
    case UInt8(ascii: "["): value = try nested(shape, JSONReader.array)
    case ASCII.quote:
      let text = try string(isKept: shape != .presence)
      value = text.map { .string($0) } ?? .unread
    case UInt8(ascii: "t"): value = try word("true", .bool(true))
    case UInt8(ascii: "f"): value = try word("false", .bool(false))
    case UInt8(ascii: "n"): value = try word("null", .null)
    default: value = try number()
    }
    skipSpace()
    return value
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      offset += 1
    }
  }

  /// Moves past a character if it is the next.
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(JSONFault) {
    guard take(character) else { throw fault }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONFault) -> JSONValue {
    for character in word.unicodeScalars { try expect(character) }
    return value
  }

  private mutating func nested(
    _ shape: Shape, _ body: (inout JSONReader, Shape) throws(JSONFault) -> JSONValue
  ) throws(JSONFault) -> JSONValue {
    guard depth < JSONLimits.depth else { throw JSONFault(offset: offset, isTooDeep: true) }
    depth += 1
    offset += 1
    let value = try body(&self, shape)
    depth -= 1
    return value
  }

  private static func object(
    _ reader: inout JSONReader, _ shape: Shape
  ) throws(JSONFault) -> JSONValue {
    var members: [String: JSONValue] = [:]
    reader.skipSpace()
    if reader.take("}") { return .object(members) }
    repeat {
      reader.skipSpace()
      let start = reader.fault
      let name = try reader.string(isKept: shape.hasMembers)
      let memberShape = name.flatMap(shape.member)
      if memberShape != nil, let name, members[name] != nil { throw start }
      reader.skipSpace()
      try reader.expect(":")
      let value = try reader.value(memberShape ?? .presence)
      if memberShape != nil, let name { members[name] = value }
    } while reader.take(",")
    try reader.expect("}")
    return .object(members)
  }

  private static func array(
    _ reader: inout JSONReader, _ shape: Shape
  ) throws(JSONFault) -> JSONValue {
    var elements: [JSONValue] = []
    reader.skipSpace()
    if reader.take("]") { return .array(elements) }
    repeat {
      let value = try reader.value(shape.element ?? .presence)
      if shape.element != nil { elements.append(value) }
    } while reader.take(",")
    try reader.expect("]")
    return .array(elements)
  }
}

// Numbers and strings.
extension JSONReader {
  private mutating func number() throws(JSONFault) -> JSONValue {
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
    return .number
  }

  private mutating func digits() throws(JSONFault) {
    let start = offset
    while let byte = next, ASCII.isDigit(byte) { offset += 1 }
    guard offset > start else { throw fault }
  }

  /// Reads a string; `nil` if it is only checked.
  private mutating func string(isKept: Bool) throws(JSONFault) -> String? {
    try expect("\"")
    var text: [UInt8] = []
    while true {
      // Bytes without escapes are copied at once; a `String` is always valid UTF-8.
      let start = offset
      while let byte = next, byte >= 0x20, byte != ASCII.quote, byte != ASCII.backslash {
        offset += 1
      }
      if next == ASCII.quote, text.isEmpty {
        offset += 1
        return isKept ? String(decoding: bytes[start..<(offset - 1)], as: UTF8.self) : nil
      }
      if isKept { text.append(contentsOf: bytes[start..<offset]) }
      switch next {
      case ASCII.quote:
        offset += 1
        return isKept ? String(decoding: text, as: UTF8.self) : nil
      case ASCII.backslash:
        let scalar = try escaped()
        if isKept {
          text.append(contentsOf: UTF8.encode(scalar) ?? Unicode.UTF8.encodedReplacementCharacter)
        }
      default: throw fault
      }
    }
  }

  private mutating func escaped() throws(JSONFault) -> Unicode.Scalar {
    offset += 1
    let letter = next
    let start = fault
    offset += 1
    switch letter {
    case ASCII.quote: return "\""
    case ASCII.backslash: return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw start
    }
    let unit = try codeUnit()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    // Half of a pair: the upper half first, and the lower one right behind it.
    guard unit < 0xDC00, take("\\"), take("u") else { throw start }
    let lower = try codeUnit()
    guard (0xDC00...0xDFFF).contains(lower) else { throw start }
    let value = 0x10000 + ((unit - 0xD800) << 10) + (lower - 0xDC00)
    guard let scalar = Unicode.Scalar(value) else { throw start }
    return scalar
  }

  /// Reads four hexadecimal digits.
  private mutating func codeUnit() throws(JSONFault) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = next.flatMap(ASCII.hexDigit) else { throw fault }
      unit = unit << 4 | UInt32(digit)
      offset += 1
    }
    return unit
  }
}

/// The place from which on a text is not JSON, or is too deep.
package struct JSONFault: Error, Equatable {
  /// The offset of the first faulty byte.
  package var offset: Int
  package var isTooDeep = false

  package init(offset: Int, isTooDeep: Bool = false) {
    self.offset = offset
    self.isTooDeep = isTooDeep
  }
}
