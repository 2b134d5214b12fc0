/// Reads JSON as RFC 8259 has it, and nothing else: no comments, no byte order mark, no lone
/// surrogates, no name twice in an object.
///
/// It is here so that messages in queues can be read without Foundation.
struct JSONReader {
  /// Not JSON, from this byte on.
  struct Fault: Error, Equatable {
    var offset: Int
  }

  /// How deep arrays and objects may be in each other: more than any message needs, and less than
  /// the stack can bear.
  static let deepest = 64

  private let bytes: [UInt8]
  private var offset = 0
  private var depth = 0

  private init(_ text: String) { bytes = Array(text.utf8) }

  /// Reads a text that is one value.
  static func read(_ text: String) throws(Fault) -> JSONValue {
    var reader = JSONReader(text)
    let value = try reader.value()
    guard reader.offset == reader.bytes.count else { throw reader.fault }
    return value
  }

  private var fault: Fault { Fault(offset: offset) }
  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  /// A value with the white space around it.
  private mutating func value() throws(Fault) -> JSONValue {
    skipSpace()
    let value: JSONValue
    switch next {
    case UInt8(ascii: "{"): value = try nested(JSONReader.object)
    case UInt8(ascii: "["): value = try nested(JSONReader.array)
    case UInt8(ascii: "\""): value = .string(try string())
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
    _ body: (inout JSONReader) throws(Fault) -> JSONValue
  ) throws(Fault) -> JSONValue {
    guard depth < JSONReader.deepest else { throw fault }
    depth += 1
    offset += 1
    let value = try body(&self)
    depth -= 1
    return value
  }

  private static func object(_ reader: inout JSONReader) throws(Fault) -> JSONValue {
    var members: [String: JSONValue] = [:]
    reader.skipSpace()
    if reader.take("}") { return .object(members) }
    repeat {
      reader.skipSpace()
      let start = reader.fault
      let name = try reader.string()
      guard members[name] == nil else { throw start }
      reader.skipSpace()
      try reader.expect(":")
      members[name] = try reader.value()
    } while reader.take(",")
    try reader.expect("}")
    return .object(members)
  }

  private static func array(_ reader: inout JSONReader) throws(Fault) -> JSONValue {
    var elements: [JSONValue] = []
    reader.skipSpace()
    if reader.take("]") { return .array(elements) }
    repeat { elements.append(try reader.value()) } while reader.take(",")
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

  private mutating func string() throws(Fault) -> String {
    try expect("\"")
    var text: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        // The text came as a `String`, so that what is not escaped is UTF-8.
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        text.append(contentsOf: String(try escaped()).utf8)
      case 0..<0x20: throw fault
      default:
        text.append(byte)
        offset += 1
      }
    }
    throw fault
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
