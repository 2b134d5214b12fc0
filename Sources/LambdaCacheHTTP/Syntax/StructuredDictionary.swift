internal import LambdaCacheText

/// A dictionary of structured fields (RFC 8941, section 3.2), as in targeted cache control.
///
/// Parameters are read and left out; of values only those that a directive may have are kept.
struct StructuredDictionary {
  enum Value: Equatable {
    case boolean(Bool)
    case integer(Int)
    /// A string, without quotes and escapes.
    case text(String)
    /// A decimal, a token, a byte sequence or an inner list.
    case other
  }

  /// In the order of their keys' first occurrences; of a key that comes twice, the last value
  /// counts.
  private(set) var members: [(key: String, value: Value)] = []

  /// Reads a field value.
  ///
  /// - Parameter text: All values of the field, joined by commas.
  /// - Returns: `nil` if it does not parse as a whole: then all of it is ignored.
  init?(_ text: String) {
    var reader = ByteReader(text)
    reader.skip { $0 == ASCII.space }
    if reader.isAtEnd { return }
    while true {
      guard let key = Self.readKey(&reader) else { return nil }
      var value = Value.boolean(true)
      if reader.skip(ASCII.equals) {
        guard let read = Self.readItemOrList(&reader) else { return nil }
        value = read
      }
      guard Self.skipParameters(&reader) else { return nil }
      set(key, value)
      reader.skipWhitespace()
      if reader.isAtEnd { return }
      guard reader.skip(ASCII.comma) else { return nil }
      reader.skipWhitespace()
    }
  }

  private mutating func set(_ key: String, _ value: Value) {
    if let index = members.firstIndex(where: { $0.key == key }) {
      members[index].value = value
    } else {
      members.append((key, value))
    }
  }

  private static func readKey(_ reader: inout ByteReader) -> String? {
    guard let first = reader.next, isLowercase(first) || first == ASCII.asterisk else { return nil }
    let key = reader.read { byte in
      isLowercase(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: "_") || byte == ASCII.dash
        || byte == UInt8(ascii: ".") || byte == ASCII.asterisk
    }
    return String(decoding: key, as: UTF8.self)
  }

  private static func isLowercase(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "a") < 26 }

  private static func isLetter(_ byte: UInt8) -> Bool { isLowercase(ASCII.lowercased(byte)) }

  private static func readItemOrList(_ reader: inout ByteReader) -> Value? {
    guard reader.skip(UInt8(ascii: "(")) else { return readItem(&reader) }
    while true {
      reader.skip { $0 == ASCII.space }
      if reader.skip(UInt8(ascii: ")")) { return .other }
      guard readItem(&reader) != nil, skipParameters(&reader) else { return nil }
      guard let next = reader.next, next == ASCII.space || next == UInt8(ascii: ")") else {
        return nil
      }
    }
  }

  private static func skipParameters(_ reader: inout ByteReader) -> Bool {
    while reader.skip(UInt8(ascii: ";")) {
      reader.skip { $0 == ASCII.space }
      guard readKey(&reader) != nil else { return false }
      if reader.skip(ASCII.equals), readItem(&reader) == nil { return false }
    }
    return true
  }

  private static func readItem(_ reader: inout ByteReader) -> Value? {
    guard let first = reader.next else { return nil }
    switch first {
    case ASCII.quote: return readString(&reader)
    case UInt8(ascii: "?"): return readBoolean(&reader)
    case ASCII.colon: return readBytes(&reader)
    case ASCII.dash: return readNumber(&reader)
    case _ where ASCII.isDigit(first): return readNumber(&reader)
    case _ where isLetter(first) || first == ASCII.asterisk:
      reader.skip { ASCII.isTokenByte($0) || $0 == ASCII.colon || $0 == ASCII.slash }
      return .other
    default: return nil
    }
  }

  private static func readString(_ reader: inout ByteReader) -> Value? {
    reader.skip()
    var text: [UInt8] = []
    while let byte = reader.next {
      reader.skip()
      switch byte {
      case ASCII.quote: return .text(String(decoding: text, as: UTF8.self))
      case ASCII.backslash:
        guard let escaped = reader.next, escaped == ASCII.quote || escaped == ASCII.backslash else {
          return nil
        }
        reader.skip()
        text.append(escaped)
      case 0x20...0x7E: text.append(byte)
      default: return nil
      }
    }
    return nil
  }

  private static func readBoolean(_ reader: inout ByteReader) -> Value? {
    reader.skip()
    if reader.skip(UInt8(ascii: "1")) { return .boolean(true) }
    if reader.skip(UInt8(ascii: "0")) { return .boolean(false) }
    return nil
  }

  private static func readBytes(_ reader: inout ByteReader) -> Value? {
    reader.skip()
    reader.skip { byte in
      isLetter(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: "+") || byte == ASCII.slash
        || byte == ASCII.equals
    }
    return reader.skip(ASCII.colon) ? .other : nil
  }

  /// At most 15 digits, or 12 and behind a point one to three.
  private static func readNumber(_ reader: inout ByteReader) -> Value? {
    let isNegative = reader.skip(ASCII.dash)
    let digits = reader.read(while: ASCII.isDigit)
    guard !digits.isEmpty else { return nil }
    guard reader.skip(UInt8(ascii: ".")) else {
      guard digits.count <= 15 else { return nil }
      let number = digits.reduce(0) { $0 * 10 + Int($1 - ASCII.zero) }
      return .integer(isNegative ? -number : number)
    }
    let fraction = reader.read(while: ASCII.isDigit)
    return digits.count <= 12 && (1...3).contains(fraction.count) ? .other : nil
  }
}
