internal import LambdaCacheText

/// A list of directives, `name`, `name=token` or `name="quoted string"`, as in `Cache-Control` (RFC
/// 9111, section 5.2).
///
/// Elements end at commas outside of quotes; empty ones are left out (RFC 9110, section 5.6.1), as
/// are those that do not begin with a name.
struct DirectiveList {
  struct Directive: Equatable {
    /// In lower case.
    let name: String
    /// The text behind the equals sign, without quotes and escapes; `nil` if there is none.
    let argument: String?
    /// Whether the argument is a quoted string.
    let isQuoted: Bool
    /// Whether its element contains nothing else.
    ///
    /// Restrictions count in any case, permissions only then.
    let isWellFormed: Bool
  }

  private(set) var directives: [Directive] = []

  /// Whether a quoted string does not end: then it may contain other directives.
  private(set) var isTruncated = false

  init(_ text: String) {
    var reader = ByteReader(text)
    while !reader.isAtEnd {
      reader.skip { ASCII.isWhitespace($0) || $0 == ASCII.comma }
      guard !reader.isAtEnd else { return }
      if let directive = readDirective(&reader) { directives.append(directive) }
      skipElement(&reader)
    }
  }

  private mutating func readDirective(_ reader: inout ByteReader) -> Directive? {
    let name = reader.read(while: ASCII.isTokenByte)
    guard !name.isEmpty else { return nil }
    var argument: String?
    var isQuoted = false
    if reader.skip(ASCII.equals) {
      isQuoted = reader.next == ASCII.quote
      guard let text = readArgument(&reader) else { return nil }
      argument = text
    }
    reader.skipWhitespace()
    let isWellFormed = reader.isAtEnd || reader.next == ASCII.comma
    return Directive(
      name: String(decoding: name.map(ASCII.lowercased), as: UTF8.self),
      argument: isWellFormed ? argument : nil, isQuoted: isQuoted, isWellFormed: isWellFormed)
  }

  private mutating func readArgument(_ reader: inout ByteReader) -> String? {
    guard reader.next == ASCII.quote else {
      return String(decoding: reader.read(while: ASCII.isTokenByte), as: UTF8.self)
    }
    return readQuotedString(&reader)
  }

  private mutating func readQuotedString(_ reader: inout ByteReader) -> String? {
    reader.skip()
    var text: [UInt8] = []
    while let byte = reader.next {
      reader.skip()
      switch byte {
      case ASCII.quote: return String(decoding: text, as: UTF8.self)
      case ASCII.backslash:
        guard let escaped = reader.next else { break }
        reader.skip()
        text.append(escaped)
      default: text.append(byte)
      }
    }
    isTruncated = true
    return nil
  }

  /// Skips the rest of an element.
  private mutating func skipElement(_ reader: inout ByteReader) {
    while let byte = reader.next, byte != ASCII.comma {
      if byte == ASCII.quote {
        _ = readQuotedString(&reader)
      } else {
        reader.skip()
      }
    }
  }
}

/// The seconds of a directive.
enum DirectiveSeconds: Equatable {
  case absent
  /// Not a number, or two that differ: then it restricts as far as possible.
  case invalid
  case seconds(Int)

  /// The largest number, which stands for all above it (RFC 9111, section 1.2.2).
  static var largest: Int { 1 << 31 }

  /// Takes another occurrence of the directive.
  mutating func note(_ argument: String?) {
    let value = argument.flatMap(Self.parse).map(Self.seconds) ?? .invalid
    self = self == .absent || self == value ? value : .invalid
  }

  /// A number of seconds: digits only.
  static func parse(_ text: String) -> Int? {
    guard !text.isEmpty else { return nil }
    var number = 0
    for byte in text.utf8 {
      guard ASCII.isDigit(byte) else { return nil }
      number = min(number * 10 + Int(byte - ASCII.zero), largest)
    }
    return number
  }

  /// The number, or another if there is none.
  func value(ifAbsent: Int?, ifInvalid: Int?) -> Int? {
    switch self {
    case .absent: ifAbsent
    case .invalid: ifInvalid
    case .seconds(let seconds): seconds
    }
  }
}
