/// Bytes of ASCII and their classes, of which HTTP, JSON and numbers are made.
@usableFromInline
package enum ASCII {
  @inlinable package static var tab: UInt8 { 0x09 }
  @inlinable package static var lineFeed: UInt8 { 0x0A }
  @inlinable package static var carriageReturn: UInt8 { 0x0D }
  @inlinable package static var space: UInt8 { 0x20 }
  @inlinable package static var quote: UInt8 { 0x22 }
  @inlinable package static var percent: UInt8 { 0x25 }
  @inlinable package static var ampersand: UInt8 { 0x26 }
  @inlinable package static var asterisk: UInt8 { 0x2A }
  @inlinable package static var comma: UInt8 { 0x2C }
  @inlinable package static var dash: UInt8 { 0x2D }
  @inlinable package static var slash: UInt8 { 0x2F }
  @inlinable package static var zero: UInt8 { 0x30 }
  @inlinable package static var colon: UInt8 { 0x3A }
  @inlinable package static var equals: UInt8 { 0x3D }
  @inlinable package static var questionMark: UInt8 { 0x3F }
  @inlinable package static var backslash: UInt8 { 0x5C }

  /// Whether a byte is a space or a tab.
  @inlinable @inline(__always)
  package static func isWhitespace(_ byte: UInt8) -> Bool { byte == space || byte == tab }

  @inlinable @inline(__always)
  package static func isDigit(_ byte: UInt8) -> Bool { byte &- zero < 10 }

  @inlinable @inline(__always)
  package static func isLetter(_ byte: UInt8) -> Bool {
    lowercased(byte) &- UInt8(ascii: "a") < 26
  }

  /// Whether a byte is a letter, a digit or a punctuation mark: neither whitespace nor a control
  /// character.
  @inlinable @inline(__always)
  package static func isVisible(_ byte: UInt8) -> Bool { byte > space && byte < 0x7F }

  @inlinable @inline(__always)
  package static func lowercased(_ byte: UInt8) -> UInt8 {
    byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
  }

  /// Whether a byte may stand in a token, such as the name of a field (RFC 9110, section 5.6.2).
  @inlinable
  package static func isTokenByte(_ byte: UInt8) -> Bool {
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
  @inlinable
  package static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - zero
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// Whether two byte strings are equal when the case of ASCII letters is ignored.
  @inlinable
  package static func equalIgnoringCase(
    _ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>
  ) -> Bool {
    left.elementsEqual(right) { lowercased($0) == lowercased($1) }
  }

  /// The part of a byte string between leading and trailing whitespace.
  package static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var slice = bytes
    while let first = slice.first, isWhitespace(first) { slice.removeFirst() }
    while let last = slice.last, isWhitespace(last) { slice.removeLast() }
    return slice
  }

  /// The decimal number that the bytes spell, or `nil` when they are empty, hold anything but
  /// digits, or exceed `Int`.
  @inlinable
  package static func decimal(_ bytes: some Collection<UInt8>) -> Int? {
    guard !bytes.isEmpty else { return nil }
    var value = 0
    for byte in bytes {
      guard isDigit(byte) else { return nil }
      let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
      let (sum, carried) = product.addingReportingOverflow(Int(byte - zero))
      guard !overflowed, !carried else { return nil }
      value = sum
    }
    return value
  }
}

extension String {
  /// Whether two strings have the same bytes, upper and lower case of ASCII letters being equal.
  @inlinable
  package func equalsIgnoringCase(_ other: String) -> Bool {
    guard utf8.count == other.utf8.count else { return false }
    return self == other || ASCII.equalIgnoringCase(utf8, other.utf8)
  }

  /// The string with ASCII letters in lower case; itself if it has none in upper case.
  @inlinable
  package var lowercasedASCII: String {
    guard utf8.contains(where: { $0 != ASCII.lowercased($0) }) else { return self }
    return String(decoding: utf8.map(ASCII.lowercased), as: UTF8.self)
  }

  /// The string without spaces and tabs at its ends.
  package var trimmingWhitespace: Substring {
    let bytes = utf8
    guard let first = bytes.firstIndex(where: { !ASCII.isWhitespace($0) }),
      let last = bytes.lastIndex(where: { !ASCII.isWhitespace($0) })
    else { return "" }
    return self[first...last]
  }
}
