internal import LambdaCacheText

/// A validator in `ETag` or `If-None-Match` (RFC 9110, section 8.8.3).
struct EntityTag: Hashable, Sendable {
  let isWeak: Bool
  /// The text between the quotes.
  let opaque: String

  init(isWeak: Bool, opaque: String) {
    self.isWeak = isWeak
    self.opaque = opaque
  }

  /// Reads a field value.
  ///
  /// - Returns: `nil` if it is not one entity tag.
  init?(_ text: String) {
    var reader = ByteReader(text.trimmingWhitespace)
    guard let tag = EntityTag(reading: &reader), reader.isAtEnd else { return nil }
    self = tag
  }

  /// Reads the next entity tag.
  init?(reading reader: inout ByteReader) {
    var isWeak = false
    if reader.next == UInt8(ascii: "W") {
      reader.skip()
      guard reader.skip(ASCII.slash) else { return nil }
      isWeak = true
    }
    guard reader.skip(ASCII.quote) else { return nil }
    let opaque = reader.read { $0 == 0x21 || ($0 >= 0x23 && $0 != 0x7F) }
    guard reader.skip(ASCII.quote) else { return nil }
    self.init(isWeak: isWeak, opaque: String(decoding: opaque, as: UTF8.self))
  }

  /// The field value.
  var text: String { (isWeak ? "W/\"" : "\"") + opaque + "\"" }

  /// Whether both name equivalent representations (RFC 9110, section 8.8.3.2).
  func matchesWeakly(_ other: EntityTag) -> Bool { opaque.utf8.elementsEqual(other.opaque.utf8) }

  /// Whether both name the same bytes.
  func matchesStrongly(_ other: EntityTag) -> Bool {
    !isWeak && !other.isWeak && matchesWeakly(other)
  }

  /// Whether `If-None-Match` names a representation, by weak comparison (RFC 9110, section 13.1.2).
  ///
  /// The list is read up to the first element that is not an entity tag: a list that was not
  /// understood must not turn a response into "not modified".
  ///
  /// - Parameters:
  ///   - list: The field value: `*`, or entity tags.
  ///   - tag: The representation's; `nil` if it has none, and then only `*` names it.
  static func list(_ list: String, names tag: EntityTag?) -> Bool {
    var reader = ByteReader(list.trimmingWhitespace)
    if reader.bytes == [ASCII.asterisk] { return true }
    guard let tag else { return false }
    while true {
      reader.skip { ASCII.isWhitespace($0) || $0 == ASCII.comma }
      guard !reader.isAtEnd, let other = EntityTag(reading: &reader) else { return false }
      if tag.matchesWeakly(other) { return true }
      reader.skipWhitespace()
      guard reader.next == ASCII.comma else { return false }
    }
  }
}
