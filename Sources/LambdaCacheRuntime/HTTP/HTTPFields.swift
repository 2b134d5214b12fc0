internal import LambdaCacheText

/// The header fields of a message.
///
/// Names and values stay in one flat array as the bytes that arrived, each field a pair of ranges
/// into it; only a value that is asked for becomes a `String`.
struct HTTPFields: Equatable, Sendable {
  private struct Field: Equatable {
    var name: Range<Int>
    var value: Range<Int>
  }

  private var bytes: [UInt8] = []
  private var fields: [Field] = []

  /// Adds the field of one header line.
  ///
  /// Blanks around the value are dropped. A blank before the colon is a fault (RFC 9112, section
  /// 5.1), and so is a NUL or a carriage return in the value (RFC 9110, section 5.5).
  mutating func append(line: [UInt8]) throws(HTTPSyntaxError) {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
      line[..<colon].allSatisfy(ASCII.isTokenByte), Self.isValue(line[(colon + 1)...])
    else { throw .malformedField(HTTPSyntaxError.excerpt(of: line)) }
    let nameStart = bytes.count
    bytes.append(contentsOf: line[..<colon])
    let valueStart = bytes.count
    bytes.append(contentsOf: ASCII.trimmed(line[(colon + 1)...]))
    fields.append(Field(name: nameStart..<valueStart, value: valueStart..<bytes.count))
  }

  /// Adds a continuation line to the last field's value, joined by one space (RFC 9112, section
  /// 5.2).
  mutating func extendLast(line: [UInt8]) throws(HTTPSyntaxError) {
    guard let last = fields.indices.last, Self.isValue(line[...]) else {
      throw .malformedField(HTTPSyntaxError.excerpt(of: line))
    }
    bytes.append(ASCII.space)
    bytes.append(contentsOf: ASCII.trimmed(line[...]))
    fields[last].value = fields[last].value.lowerBound..<bytes.count
  }

  /// The number of fields of a name, compared without regard to case.
  func count(named name: String) -> Int { fields.count { has($0, name) } }

  /// The value of the first field of a name, compared without regard to case.
  ///
  /// - Returns: The value, bytes that are not UTF-8 repaired, or `nil` when there is no such field.
  func firstValue(named name: String) -> String? {
    guard let field = fields.first(where: { has($0, name) }) else { return nil }
    return String(decoding: bytes[field.value], as: UTF8.self)
  }

  /// The elements of the comma-separated lists in all fields of a name, in order.
  func listElements(named name: String) -> [ArraySlice<UInt8>] {
    fields.filter { has($0, name) }.flatMap { field in
      bytes[field.value]
        .split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        .map(ASCII.trimmed)
    }
  }

  /// Whether the lists in the fields of a name hold an element, compared without regard to case.
  func list(named name: String, contains element: String) -> Bool {
    listElements(named: name).contains { ASCII.equalIgnoringCase($0, element.utf8) }
  }

  /// The length that the fields state, or `nil` when they state none.
  ///
  /// Repeated equal values count as one (RFC 9110, section 8.6).
  func contentLength() throws(HTTPSyntaxError) -> Int? {
    var length: Int?
    for element in listElements(named: "Content-Length") {
      guard let value = ASCII.decimal(element), length == nil || length == value else {
        throw .malformedContentLength(HTTPSyntaxError.excerpt(of: element))
      }
      length = value
    }
    return length
  }

  /// Whether the body comes in chunks.
  ///
  /// - Throws: `HTTPSyntaxError.unsupportedTransferCoding` for any other coding, or more than one.
  func isChunked() throws(HTTPSyntaxError) -> Bool {
    let codings = listElements(named: "Transfer-Encoding")
    if codings.isEmpty { return false }
    guard codings.count == 1, ASCII.equalIgnoringCase(codings[0], "chunked".utf8) else {
      throw .unsupportedTransferCoding(
        HTTPSyntaxError.excerpt(of: codings.joined(separator: [ASCII.space])))
    }
    return true
  }

  private func has(_ field: Field, _ name: String) -> Bool {
    ASCII.equalIgnoringCase(bytes[field.name], name.utf8)
  }

  private static func isValue(_ value: ArraySlice<UInt8>) -> Bool {
    !value.contains(0) && !value.contains(ASCII.carriageReturn)
  }
}
