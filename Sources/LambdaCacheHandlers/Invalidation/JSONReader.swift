/// Reads JSON as RFC 8259 has it, and nothing else: no comments, no byte order mark, no lone
/// surrogates, no name twice in an object.
///
/// All of a text is checked, but only what its part reads is kept, and only among those members a
/// second one of a name is noticed. Each byte is looked at a constant number of times.
///
/// It is here so that messages in queues can be read without Foundation.
struct JSONReader {
  /// Not JSON, or too deep, from this byte on.
  struct Fault: Error, Equatable {
    var offset: Int
    var isTooDeep = false
  }

  private let bytes: [UInt8]
  private var offset = 0
  private var depth = 0

  private init(_ text: String) { bytes = Array(text.utf8) }

  /// Reads a text that is one value.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - part: What the value is expected to be, and so what is kept of it.
  /// - Complexity: O(*n*) in the length of the text.
  static func read(_ text: String, as part: JSONPart) throws(Fault) -> JSONValue {
    var reader = JSONReader(text)
    let value = try reader.value(part)
    guard reader.offset == reader.bytes.count else { throw reader.fault }
    return value
  }

  private var fault: Fault { Fault(offset: offset) }
  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  /// A value with the white space around it.
  private mutating func value(_ part: JSONPart) throws(Fault) -> JSONValue {
    skipSpace()
    let value: JSONValue
    switch next {
    case UInt8(ascii: "{"): value = try nested(part, JSONReader.object)
    case UInt8(ascii: "["): value = try nested(part, JSONReader.array)
    case UInt8(ascii: "\""):
      let text = try string(isKept: part != .presence)
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

  /// Goes on behind a character if it is the next.
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(Fault) {
    guard take(character) else { throw fault }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(Fault) -> JSONValue {
    for character in word.unicodeScalars { try expect(character) }
    return value
  }

  private mutating func nested(
    _ part: JSONPart, _ body: (inout JSONReader, JSONPart) throws(Fault) -> JSONValue
  ) throws(Fault) -> JSONValue {
    guard depth < JSONPart.deepest else { throw Fault(offset: offset, isTooDeep: true) }
    depth += 1
    offset += 1
    let value = try body(&self, part)
    depth -= 1
    return value
  }

  private static func object(
    _ reader: inout JSONReader, _ part: JSONPart
  ) throws(Fault) -> JSONValue {
    var members: [String: JSONValue] = [:]
    reader.skipSpace()
    if reader.take("}") { return .object(members) }
    repeat {
      reader.skipSpace()
      let start = reader.fault
      let name = try reader.string(isKept: part.hasMembers)
      let memberPart = name.flatMap(part.member)
      if memberPart != nil, let name, members[name] != nil { throw start }
      reader.skipSpace()
      try reader.expect(":")
      let value = try reader.value(memberPart ?? .presence)
      if memberPart != nil, let name { members[name] = value }
    } while reader.take(",")
    try reader.expect("}")
    return .object(members)
  }

  private static func array(
    _ reader: inout JSONReader, _ part: JSONPart
  ) throws(Fault) -> JSONValue {
    var elements: [JSONValue] = []
    reader.skipSpace()
    if reader.take("]") { return .array(elements) }
    repeat {
      let value = try reader.value(part.element ?? .presence)
      if part.element != nil { elements.append(value) }
    } while reader.take(",")
    try reader.expect("]")
    return .array(elements)
  }
}

// Numbers and strings.
extension JSONReader {
  private mutating func number() throws(Fault) -> JSONValue {
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
    return .number
  }

  private mutating func digits() throws(Fault) {
    let start = offset
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
    guard offset > start else { throw fault }
  }

  /// A string, or `nil` if it is only checked.
  private mutating func string(isKept: Bool) throws(Fault) -> String? {
    try expect("\"")
    var text: [UInt8] = []
    while true {
      // What needs no escape is copied at once. The text came as a `String`, so that it is UTF-8.
      let start = offset
      while let byte = next, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
        offset += 1
      }
      if next == UInt8(ascii: "\""), text.isEmpty {
        offset += 1
        return isKept ? String(decoding: bytes[start..<(offset - 1)], as: UTF8.self) : nil
      }
      if isKept { text.append(contentsOf: bytes[start..<offset]) }
      switch next {
      case UInt8(ascii: "\""):
        offset += 1
        return isKept ? String(decoding: text, as: UTF8.self) : nil
      case UInt8(ascii: "\\"):
        let scalar = try escaped()
        if isKept {
          text.append(contentsOf: UTF8.encode(scalar) ?? Unicode.UTF8.encodedReplacementCharacter)
        }
      default: throw fault
      }
    }
  }

  private mutating func escaped() throws(Fault) -> Unicode.Scalar {
    offset += 1
    let letter = next
    let start = fault
    offset += 1
    switch letter {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
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

  /// Four hexadecimal digits.
  private mutating func codeUnit() throws(Fault) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = next.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
        throw fault
      }
      unit = unit << 4 | UInt32(digit)
      offset += 1
    }
    return unit
  }
}
