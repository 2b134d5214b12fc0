internal import LambdaCacheText

/// The content of `Range` (RFC 9110, section 14.2).
enum RangeRequest: Equatable, Sendable {
  /// One range of bytes.
  case bytes(ByteRange)
  /// An invalid set of ranges of bytes, which is ignored (section 14.2).
  case invalid
  /// Several ranges, or another unit, which the handler answers.
  case unsupported

  init(_ text: String) {
    var reader = ByteReader(text.trimmingWhitespace)
    guard reader.skip(ignoringCase: "bytes") else {
      self = .unsupported
      return
    }
    guard reader.skip(ASCII.equals) else {
      self = reader.next.map(ASCII.isTokenByte) ?? false ? .unsupported : .invalid
      return
    }
    var ranges: [ByteRange] = []
    while true {
      reader.skip { ASCII.isWhitespace($0) || $0 == ASCII.comma }
      if reader.isAtEnd { break }
      guard let range = ByteRange(reading: &reader) else {
        self = .invalid
        return
      }
      ranges.append(range)
      reader.skipWhitespace()
      guard reader.isAtEnd || reader.next == ASCII.comma else {
        self = .invalid
        return
      }
    }
    self = ranges.count == 1 ? .bytes(ranges[0]) : ranges.isEmpty ? .invalid : .unsupported
  }
}

/// A requested range of bytes (RFC 9110, section 14.1.2).
enum ByteRange: Equatable, Sendable {
  /// From a position to another, which is part of it, or to the end.
  case positions(first: Int, last: Int?)
  /// The last bytes, by their number.
  case suffix(Int)

  /// The part of a body that is in a range.
  enum Selection: Equatable {
    case part(Range<Int>)
    case whole
    case unsatisfiable
  }

  init?(reading reader: inout ByteReader) {
    let first = Self.readPosition(&reader)
    guard reader.skip(ASCII.dash) else { return nil }
    let last = Self.readPosition(&reader)
    switch (first, last) {
    case (let first?, let last): self = .positions(first: first, last: last)
    case (nil, let count?): self = .suffix(count)
    case (nil, nil): return nil
    }
    if let first, let last, last < first { return nil }
  }

  /// A number; one that is larger than any body counts as the largest.
  private static func readPosition(_ reader: inout ByteReader) -> Int? {
    let digits = reader.read(while: ASCII.isDigit)
    if digits.isEmpty { return nil }
    return digits.reduce(0) { min($0 * 10 + Int($1 - ASCII.zero), Int.max / 16) }
  }

  /// The bytes of a body of this length that are in the range.
  func selection(of count: Int) -> Selection {
    switch self {
    case .positions(let first, let last):
      guard first < count else { return .unsatisfiable }
      return .part(first..<min(last ?? count, count - 1) + 1)
    case .suffix(0): return .unsatisfiable
    // Content-Range has no form for a part of nothing.
    case .suffix(_) where count == 0: return .whole
    case .suffix(let length): return .part(max(0, count - length)..<count)
    }
  }
}
