internal import LambdaCache

/// Appends JSON (RFC 8259) to bytes, without a space anywhere.
struct JSONText {
  private(set) var bytes: [UInt8] = []

  /// Appends a string, quotes included.
  ///
  /// What must be escaped is: quotes, backslashes and U+0000 to U+001F. All else stays UTF-8; a
  /// `String` has no lone surrogates.
  mutating func append(string text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20:
        append(literal: byte < 0x10 ? "\\u000" : "\\u001")
        bytes.append(Array("0123456789abcdef".utf8)[Int(byte & 0xF)])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Appends a number, which must be finite: JSON has no other.
  mutating func append(number: Double) {
    requireArgument(number.isFinite, "JSON has no number for \(number)")
    append(literal: number.description)
  }

  mutating func append(integer: Int64) { append(literal: integer.description) }

  /// Appends what is JSON already.
  mutating func append(literal text: String) { bytes.append(contentsOf: text.utf8) }

  /// Appends an array or an object.
  ///
  /// - Parameters:
  ///   - elements: What is in it.
  ///   - brackets: The first and the last character.
  ///   - append: Appends one element, with its name in an object.
  mutating func append<Element>(
    _ elements: some Sequence<Element>, in brackets: (String, String),
    each append: (inout JSONText, Element) -> Void
  ) {
    self.append(literal: brackets.0)
    var isFirst = true
    for element in elements {
      if !isFirst { self.append(literal: ",") }
      isFirst = false
      append(&self, element)
    }
    self.append(literal: brackets.1)
  }
}
