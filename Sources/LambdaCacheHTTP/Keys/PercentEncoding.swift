internal import LambdaCacheText

/// One spelling for all that mean the same part of a URI (RFC 3986, section 6.2.2).
enum PercentEncoding {
  /// Whether a byte means the same with and without an escape (RFC 3986, section 2.3).
  static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      true
    default: false
    }
  }

  /// A part of a URI whose escapes of unreserved characters are resolved, and whose other escapes
  /// are in upper case; everything else stays as it is.
  static func unified(_ text: String) -> String {
    guard text.utf8.contains(ASCII.percent) else { return text }
    let bytes = Array(text.utf8)
    var unified: [UInt8] = []
    unified.reserveCapacity(bytes.count)
    var position = 0
    while position < bytes.count {
      guard let escaped = escapedByte(in: bytes, at: position) else {
        unified.append(bytes[position])
        position += 1
        continue
      }
      if isUnreserved(escaped) {
        unified.append(escaped)
      } else {
        appendEscape(of: escaped, to: &unified)
      }
      position += 3
    }
    return String(decoding: unified, as: UTF8.self)
  }

  /// The byte that an escape at a position stands for; `nil` if there is none.
  private static func escapedByte(in bytes: [UInt8], at position: Int) -> UInt8? {
    guard bytes[position] == ASCII.percent, position + 2 < bytes.count,
      let high = ASCII.hexDigit(bytes[position + 1]), let low = ASCII.hexDigit(bytes[position + 2])
    else { return nil }
    return high << 4 | low
  }

  private static func appendEscape(of byte: UInt8, to bytes: inout [UInt8]) {
    let digits: StaticString = "0123456789ABCDEF"
    bytes.append(ASCII.percent)
    bytes.append(digits.utf8Start[Int(byte >> 4)])
    bytes.append(digits.utf8Start[Int(byte & 15)])
  }

  /// The host in lower case and without a port that goes without saying (RFC 9110, section 4.2.3).
  static func canonicalHost(_ host: String, isPlainHTTP: Bool) -> String {
    let host = host.lowercasedASCII
    for port in [isPlainHTTP ? ":80" : ":443", ":"] where host.utf8.count > port.utf8.count {
      let bytes = host.utf8.dropLast(port.utf8.count)
      if host.utf8.dropFirst(bytes.count).elementsEqual(port.utf8) {
        return String(decoding: bytes, as: UTF8.self)
      }
    }
    return host
  }

  /// The parts of a URI.
  enum Part {
    case path
    case query
  }

  /// One text for all texts that a gateway, a router or a client may treat as the same part of a
  /// URI: it is ASCII without line breaks.
  ///
  /// Escapes of plain characters are resolved, everything else is escaped in upper case (RFC 3986,
  /// sections 6.2.2.1 and 6.2.2.2, and beyond: some gateways pass a path on decoded, so that `%2F`
  /// in a path is a slash here). A path has no segments `.` and `..` (6.2.2.3), and is not empty.
  /// In a query separators of parameters stay as they are.
  static func canonical(_ text: String, _ part: Part) -> String {
    if text.utf8.allSatisfy({ isPlain($0, in: part) }),
      part == .query || (!text.isEmpty && !hasDotSegment(text.utf8))
    {
      return text
    }
    let bytes = Array(text.utf8)
    var canonical: [UInt8] = []
    canonical.reserveCapacity(bytes.count)
    var position = 0
    while position < bytes.count {
      let escaped = escapedByte(in: bytes, at: position)
      let byte = escaped ?? bytes[position]
      let separates = part == .query && escaped != nil && isSeparator(byte)
      if isPlain(byte, in: part), !separates {
        canonical.append(byte)
      } else {
        appendEscape(of: byte, to: &canonical)
      }
      position += escaped == nil ? 1 : 3
    }
    if part == .path {
      if hasDotSegment(canonical) { canonical = withoutDotSegments(canonical) }
      if canonical.isEmpty { canonical = [ASCII.slash] }
    }
    return String(decoding: canonical, as: UTF8.self)
  }

  /// Whether a byte needs no escape in a part of a URI (RFC 3986, sections 3.3 and 3.4).
  private static func isPlain(_ byte: UInt8, in part: Part) -> Bool {
    switch byte {
    case UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&")...UInt8(ascii: ","),
      ASCII.slash, ASCII.colon, UInt8(ascii: ";"), ASCII.equals, UInt8(ascii: "@"):
      true
    case ASCII.questionMark: part == .query
    default: isUnreserved(byte)
    }
  }

  /// Whether a byte separates parameters, or is a space where it is not escaped.
  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte == ASCII.ampersand || byte == ASCII.equals || byte == UInt8(ascii: "+")
  }

  /// Whether there is a slash with a dot behind it, as in front of every segment `.` and `..`.
  private static func hasDotSegment(_ path: some Collection<UInt8>) -> Bool {
    var previous = ASCII.slash
    for byte in path {
      if byte == UInt8(ascii: "."), previous == ASCII.slash { return true }
      previous = byte
    }
    return false
  }

  /// A path without segments `.` and `..` (RFC 3986, section 5.2.4).
  private static func withoutDotSegments(_ path: [UInt8]) -> [UInt8] {
    let segments = path.split(separator: ASCII.slash, omittingEmptySubsequences: false)
    var kept: [ArraySlice<UInt8>] = []
    for (index, segment) in segments.enumerated() {
      let isLast = index == segments.count - 1
      let dots = segment.allSatisfy { $0 == UInt8(ascii: ".") } ? segment.count : 0
      switch dots {
      case 1, 2:
        // The first is what stands in front of the first slash: nothing.
        if dots == 2, kept.count > 1 { kept.removeLast() }
        if isLast { kept.append([]) }
      default: kept.append(segment)
      }
    }
    return Array(kept.joined(separator: [ASCII.slash]))
  }

  /// A text that equals another only if both have the same bytes, and that has no line break:
  /// strings are equal as keys if they are canonically equivalent, and two users may not be.
  static func distinct(_ text: String) -> String {
    // The percent sign in front distinguishes an encoded text from a plain one.
    let isPlain =
      text.utf8.first != ASCII.percent && text.utf8.allSatisfy { $0 >= ASCII.space && $0 < 0x80 }
    return isPlain ? text : "%" + encoded(text)
  }

  /// A decoded name or value of a parameter as it is written in a query, in its canonical form.
  static func encodedParameter(_ text: String) -> String {
    if text.utf8.allSatisfy({ isPlain($0, in: .query) && !isSeparator($0) }) { return text }
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      if isPlain(byte, in: .query), !isSeparator(byte) {
        bytes.append(byte)
      } else {
        appendEscape(of: byte, to: &bytes)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A text with escapes for all that is not unreserved.
  private static func encoded(_ text: String) -> String {
    if text.utf8.allSatisfy(isUnreserved) { return text }
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      if isUnreserved(byte) {
        bytes.append(byte)
      } else {
        appendEscape(of: byte, to: &bytes)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A text without its escapes; bytes that are no UTF-8 are replaced.
  static func decoded(_ text: Substring, plusIsSpace: Bool = false) -> String {
    let bytes = Array(text.utf8)
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var position = 0
    while position < bytes.count {
      if let escaped = escapedByte(in: bytes, at: position) {
        decoded.append(escaped)
        position += 3
      } else {
        let byte = bytes[position]
        decoded.append(plusIsSpace && byte == UInt8(ascii: "+") ? ASCII.space : byte)
        position += 1
      }
    }
    return String(decoding: decoded, as: UTF8.self)
  }
}
