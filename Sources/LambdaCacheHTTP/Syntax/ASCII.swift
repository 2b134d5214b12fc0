/// The bytes that the grammars of HTTP are made of.
enum ASCII {
  static var tab: UInt8 { 0x09 }
  static var lineFeed: UInt8 { 0x0A }
  static var space: UInt8 { 0x20 }
  static var quote: UInt8 { 0x22 }
  static var percent: UInt8 { 0x25 }
  static var ampersand: UInt8 { 0x26 }
  static var asterisk: UInt8 { 0x2A }
  static var comma: UInt8 { 0x2C }
  static var dash: UInt8 { 0x2D }
  static var slash: UInt8 { 0x2F }
  static var zero: UInt8 { 0x30 }
  static var colon: UInt8 { 0x3A }
  static var equals: UInt8 { 0x3D }
  static var questionMark: UInt8 { 0x3F }
  static var backslash: UInt8 { 0x5C }

  @inline(__always)
  static func isWhitespace(_ byte: UInt8) -> Bool { byte == space || byte == tab }

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte &- zero < 10 }

  @inline(__always)
  static func lowercased(_ byte: UInt8) -> UInt8 {
    byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
  }

  /// Whether a byte may stand in a token (RFC 9110, section 5.6.2).
  static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"),
      UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
      UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"),
      UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
      true
    default: false
    }
  }

  /// The value of a hexadecimal digit, or `nil` for any other byte.
  static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - zero
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

extension String {
  /// Whether two strings have the same bytes, upper and lower case of ASCII letters being equal.
  func equalsIgnoringCase(_ other: String) -> Bool {
    guard utf8.count == other.utf8.count else { return false }
    return self == other
      || zip(utf8, other.utf8).allSatisfy { ASCII.lowercased($0) == ASCII.lowercased($1) }
  }

  /// The string with ASCII letters in lower case; itself if it has none in upper case.
  var lowercasedASCII: String {
    guard utf8.contains(where: { $0 != ASCII.lowercased($0) }) else { return self }
    return String(decoding: utf8.map(ASCII.lowercased), as: UTF8.self)
  }

  /// The string without spaces and tabs at its ends.
  var trimmingWhitespace: Substring {
    let bytes = utf8
    guard let first = bytes.firstIndex(where: { !ASCII.isWhitespace($0) }),
      let last = bytes.lastIndex(where: { !ASCII.isWhitespace($0) })
    else { return "" }
    return self[first...last]
  }
}

extension StringProtocol {
  /// The parts between separators, empty ones included.
  ///
  /// Separators of HTTP are bytes. As characters they would be missed where a combining mark comes
  /// after them, which a client can write.
  func split(byte separator: UInt8) -> [Substring] {
    Substring(self).utf8.split(separator: separator, omittingEmptySubsequences: false)
      .map { Substring($0) }
  }

  /// What comes before a byte; everything if it does not come.
  func prefix(upToByte end: UInt8) -> Substring {
    Substring(Substring(self).utf8.prefix { $0 != end })
  }
}

/// Reads bytes one after the other.
struct ByteReader {
  let bytes: [UInt8]
  private(set) var position = 0

  init(_ text: some StringProtocol) {
    bytes = Array(text.utf8)
  }

  var isAtEnd: Bool { position == bytes.count }

  /// The next byte, or `nil` at the end.
  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func skip() { position += 1 }

  /// Skips a byte if it is the next.
  mutating func skip(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  mutating func skip(while condition: (UInt8) -> Bool) {
    while let byte = next, condition(byte) { position += 1 }
  }

  mutating func skipWhitespace() { skip(while: ASCII.isWhitespace) }

  /// The bytes up to the first that does not fulfil a condition.
  mutating func read(while condition: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    let start = position
    skip(while: condition)
    return bytes[start..<position]
  }

  /// A number of so many digits, or `nil` if there are not so many.
  mutating func readNumber(digits: Int) -> Int? {
    guard bytes.count - position >= digits else { return nil }
    var number = 0
    for byte in bytes[position..<position + digits] {
      guard ASCII.isDigit(byte) else { return nil }
      number = number * 10 + Int(byte - ASCII.zero)
    }
    position += digits
    return number
  }

  /// Skips these bytes, in whatever case, if they are the next.
  mutating func skip(ignoringCase text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard bytes.count - position >= count else { return false }
    for offset in 0..<count {
      let expected = ASCII.lowercased(text.utf8Start[offset])
      guard ASCII.lowercased(bytes[position + offset]) == expected else { return false }
    }
    position += count
    return true
  }
}
