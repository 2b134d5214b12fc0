/// One spelling for all that mean the same part of a URI (RFC 3986, section 6.2.2).
enum PercentEncoding {
  /// What an escape stands for may be written plainly (RFC 3986, section 2.3).
  static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      true
    default: false
    }
  }

  /// Whether a byte stands for itself in a path or in a query; those that end one of them do not,
  /// so that no path can look like a path with a query.
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte > ASCII.space && byte < 0x7F && byte != ASCII.questionMark && byte != UInt8(ascii: "#")
      && byte != ASCII.quote
  }

  /// Whether a text is its own normal form at a glance: most are.
  private static func isNormal(_ text: String) -> Bool {
    text.utf8.allSatisfy { isPlain($0) && $0 != ASCII.percent }
  }

  /// Appends a path, or a part of a query, in its normal form.
  ///
  /// - Parameters:
  ///   - text: The text, percent-encoded or not.
  ///   - result: Where it is appended.
  ///   - unifiesEscapes: Whether escapes of unreserved characters are resolved and the others
  ///     written in upper case.
  static func appendNormalized(_ text: String, to result: inout String, unifiesEscapes: Bool) {
    if isNormal(text) {
      result += text
      return
    }
    let bytes = Array(text.utf8)
    var normalized: [UInt8] = []
    normalized.reserveCapacity(bytes.count + 16)
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      if byte == ASCII.percent, position + 2 < bytes.count,
        let high = ASCII.hexDigit(bytes[position + 1]),
        let low = ASCII.hexDigit(bytes[position + 2])
      {
        let escaped = high << 4 | low
        if !unifiesEscapes {
          normalized += bytes[position..<position + 3]
        } else if isUnreserved(escaped) {
          normalized.append(escaped)
        } else {
          appendEscape(of: escaped, to: &normalized)
        }
        position += 3
        continue
      }
      if isPlain(byte) {
        normalized.append(byte)
      } else {
        appendEscape(of: byte, to: &normalized)
      }
      position += 1
    }
    result += String(decoding: normalized, as: UTF8.self)
  }

  private static func appendEscape(of byte: UInt8, to bytes: inout [UInt8]) {
    let digits: StaticString = "0123456789ABCDEF"
    bytes.append(ASCII.percent)
    bytes.append(digits.utf8Start[Int(byte >> 4)])
    bytes.append(digits.utf8Start[Int(byte & 15)])
  }

  /// A text that equals another only if both have the same bytes: strings are equal as keys if they
  /// are canonically equivalent, and two users may not be.
  static func distinct(_ text: String) -> String {
    // The percent sign in front tells an encoded text from a plain one that looks like it.
    let isPlain = text.utf8.first != ASCII.percent && text.utf8.allSatisfy { $0 < 0x80 }
    return isPlain ? text : "%" + encoded(text)
  }

  /// A decoded name or value of a parameter, encoded.
  static func encoded(_ text: String) -> String {
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

  /// The query of an event that has parameters instead of one.
  ///
  /// - Parameters:
  ///   - lists: All values by name.
  ///   - values: One value by name, if there are no lists.
  ///   - areEncoded: Whether names and values are percent-encoded.
  /// - Returns: The query in alphabetical order of names, or `nil` if there are no parameters.
  static func query(
    _ lists: [String: [String]]?, or values: [String: String]?, areEncoded: Bool
  ) -> String? {
    let lists = lists ?? values?.mapValues { [$0] } ?? [:]
    if lists.isEmpty { return nil }
    var query = ""
    for (name, values) in lists.sorted(by: { $0.key < $1.key }) {
      for value in values {
        if !query.isEmpty { query += "&" }
        query += areEncoded ? name : encoded(name)
        query += "="
        query += areEncoded ? value : encoded(value)
      }
    }
    return query
  }
}
