internal import LambdaCacheText

/// The value of a request field by which a response varies (RFC 9111, section 4.1).
///
/// Values agree if they differ only in ways that the field's definition declares meaningless.
/// Values of an unknown field agree if their bytes are equal.
enum SelectingField {
  /// Fields that are lists, whose elements may be in several lines and have whitespace around their
  /// commas.
  ///
  /// Some fields only look like lists: the whitespace in `Cookie` belongs to a value.
  private static let lists: Set<String> = [
    "a-im", "accept", "accept-charset", "accept-encoding", "accept-language",
    "access-control-request-headers", "cache-control", "forwarded", "pragma", "prefer", "te",
  ]

  /// Those among them in which upper and lower case are the same throughout: ranges of languages
  /// (RFC 4647, section 2), codings and charsets (RFC 9110, sections 8.3.2 and 8.4.1), names.
  private static let caseless: Set<String> = [
    "accept-charset", "accept-encoding", "accept-language", "access-control-request-headers",
  ]

  /// The value that selects a response; equal bytes are the same value.
  ///
  /// - Parameters:
  ///   - name: The name of the field, in lower case.
  ///   - fields: The fields of the request.
  /// - Returns: The value; `nil` if the request does not have the field.
  static func value(of name: String, in fields: HTTPHeaderFields) -> String? {
    let lines = fields.values(named: name)
    guard let first = lines.first else { return nil }
    var value = lines.count == 1 ? first : nil
    // A string that does not end in its line would continue in the next one.
    if lists.contains(name), lines.count == 1 || !lines.contains(where: endsInQuotes) {
      let list = listNormalized(lines.joined(separator: ","))
      value = caseless.contains(name) ? list.lowercasedASCII : list
    }
    // No value of one line begins with a line break, so that several lines never look like one.
    if let value, value.utf8.first != ASCII.lineFeed { return value }
    var text = KeyText()
    text.append(list: lines)
    return text.text
  }

  /// Whether a line has a string without an end.
  private static func endsInQuotes(_ line: String) -> Bool {
    var string = QuotedString()
    for byte in line.utf8 { string.read(byte) }
    return string.isOpen
  }

  /// Whether two requests select the same response among those that vary by a field.
  static func agree(
    on name: String, _ first: HTTPHeaderFields, _ second: HTTPHeaderFields
  ) -> Bool {
    switch (value(of: name, in: first), value(of: name, in: second)) {
    case (nil, nil): true
    case (let first?, let second?): first.utf8.elementsEqual(second.utf8)
    default: false
    }
  }

  /// A list without the whitespace at its ends and around its commas, except within quotes.
  private static func listNormalized(_ value: String) -> String {
    guard value.utf8.contains(where: ASCII.isWhitespace) else { return value }
    var result: [UInt8] = []
    // Whitespace whose meaning depends on the next byte.
    var pending: [UInt8] = []
    var string = QuotedString()
    for byte in value.utf8 {
      if !string.isOpen, ASCII.isWhitespace(byte) {
        pending.append(byte)
        continue
      }
      if string.isOpen || (byte != ASCII.comma && !result.isEmpty && result.last != ASCII.comma) {
        result += pending
      }
      pending = []
      result.append(byte)
      string.read(byte)
    }
    return String(decoding: result, as: UTF8.self)
  }
}

/// The state of a reader of a field: inside or outside of a quoted string (RFC 9110, section
/// 5.6.4).
private struct QuotedString {
  private(set) var isOpen = false
  private var isEscaped = false

  mutating func read(_ byte: UInt8) {
    if isEscaped {
      isEscaped = false
    } else if byte == ASCII.quote {
      isOpen.toggle()
    } else {
      isEscaped = isOpen && byte == ASCII.backslash
    }
  }
}
