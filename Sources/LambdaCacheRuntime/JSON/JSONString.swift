/// Writing of JSON string literals (RFC 8259, section 7).
enum JSONString {
  /// Appends a text as a JSON string literal, quotes included.
  ///
  /// Quotes, backslashes and the control characters U+0000 to U+001F are escaped; everything else
  /// is written as UTF-8. A `String` is valid Unicode, so the literal always is.
  ///
  /// - Complexity: O(*n*) in the number of UTF-8 bytes.
  static func append(_ text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): appendEscape("\"", to: &output)
      case UInt8(ascii: "\\"): appendEscape("\\", to: &output)
      case 0x08: appendEscape("b", to: &output)
      case 0x09: appendEscape("t", to: &output)
      case 0x0A: appendEscape("n", to: &output)
      case 0x0C: appendEscape("f", to: &output)
      case 0x0D: appendEscape("r", to: &output)
      case 0x00..<0x20:
        appendEscape("u", to: &output)
        output.append(contentsOf: [
          UInt8(ascii: "0"), UInt8(ascii: "0"), hexDigit(byte >> 4), hexDigit(byte & 0xF),
        ])
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }

  private static func appendEscape(_ letter: Unicode.Scalar, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\\"))
    output.append(UInt8(ascii: letter))
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
