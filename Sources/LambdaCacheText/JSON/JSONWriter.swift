/// Appends JSON (RFC 8259) to bytes, without a space anywhere.
package struct JSONWriter {
  /// The JSON that was appended, in UTF-8.
  package private(set) var bytes: [UInt8] = []

  package init() {}

  /// Appends a string, quotes included.
  ///
  /// Quotes, backslashes and U+0000 to U+001F are escaped. All else stays UTF-8; a `String` has no
  /// lone surrogates.
  ///
  /// - Complexity: O(*n*) in the number of UTF-8 bytes.
  package mutating func append(string text: String) {
    bytes.append(ASCII.quote)
    for byte in text.utf8 {
      switch byte {
      case ASCII.quote, ASCII.backslash: appendEscape(byte)
      case 0x08: appendEscape(UInt8(ascii: "b"))
      case ASCII.tab: appendEscape(UInt8(ascii: "t"))
      case ASCII.lineFeed: appendEscape(UInt8(ascii: "n"))
      case 0x0C: appendEscape(UInt8(ascii: "f"))
      case ASCII.carriageReturn: appendEscape(UInt8(ascii: "r"))
      case 0..<0x20:
        append(literal: byte < 0x10 ? "\\u000" : "\\u001")
        append(literal: String(byte & 0xF, radix: 16))
      default: bytes.append(byte)
      }
    }
    bytes.append(ASCII.quote)
  }

  private mutating func appendEscape(_ letter: UInt8) {
    bytes.append(ASCII.backslash)
    bytes.append(letter)
  }

  /// Appends a number, which must be finite: JSON has no other.
  package mutating func append(number: Double) {
    precondition(number.isFinite, "JSON has no number for \(number)")
    append(literal: number.description)
  }

  package mutating func append(integer: Int64) { append(literal: integer.description) }

  /// Appends text that is JSON already.
  package mutating func append(literal text: String) { bytes.append(contentsOf: text.utf8) }

  /// Appends an array or an object.
  ///
  /// - Parameters:
  ///   - elements: The elements, or the members.
  ///   - brackets: The first and the last character.
  ///   - append: Appends one element, with its name in an object.
  package mutating func append<Element>(
    _ elements: some Sequence<Element>, in brackets: (String, String),
    each append: (inout JSONWriter, Element) -> Void
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

  /// Appends an array of strings.
  package mutating func append(strings: some Sequence<String>) {
    append(strings, in: ("[", "]")) { json, text in json.append(string: text) }
  }
}
