internal import LambdaCacheText

extension StringProtocol {
  /// The parts between separators, empty ones included.
  ///
  /// Separators of HTTP are bytes. As characters they would be missed before a combining mark,
  /// which a client can write.
  func split(byte separator: UInt8) -> [Substring] {
    Substring(self).utf8.split(separator: separator, omittingEmptySubsequences: false)
      .map { Substring($0) }
  }

  /// The part before a byte; the whole if the byte does not occur.
  func prefix(upToByte end: UInt8) -> Substring {
    Substring(Substring(self).utf8.prefix { $0 != end })
  }
}

/// Reads bytes one after the other.
struct ByteReader {
  let bytes: [UInt8]
  private(set) var position = 0

  init(_ text: some StringProtocol) {
    bytes = Array(text.utf8)
  }

  var isAtEnd: Bool { position == bytes.count }

  /// The next byte, or `nil` at the end.
  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func skip() { position += 1 }

  /// Skips a byte if it is the next.
  mutating func skip(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  mutating func skip(while condition: (UInt8) -> Bool) {
    while let byte = next, condition(byte) { position += 1 }
  }

  mutating func skipWhitespace() { skip(while: ASCII.isWhitespace) }

  /// The bytes up to the first that does not fulfil a condition.
  mutating func read(while condition: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    let start = position
    skip(while: condition)
    return bytes[start..<position]
  }

  /// A number with this many digits, or `nil` if there are fewer.
  mutating func readNumber(digits: Int) -> Int? {
    guard bytes.count - position >= digits else { return nil }
    var number = 0
    for byte in bytes[position..<position + digits] {
      guard ASCII.isDigit(byte) else { return nil }
      number = number * 10 + Int(byte - ASCII.zero)
    }
    position += digits
    return number
  }

  /// Skips bytes if they are the next, ignoring case.
  mutating func skip(ignoringCase text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard bytes.count - position >= count else { return false }
    for offset in 0..<count {
      let expected = ASCII.lowercased(text.utf8Start[offset])
      guard ASCII.lowercased(bytes[position + offset]) == expected else { return false }
    }
    position += count
    return true
  }
}
