/// Bytes of lines that are put together, through a pointer: an array checks each byte.
struct LineBuffer: ~Copyable {
  /// The longest line: a name of 128 bytes, each of them escaped, and all numbers.
  static let lineByteCount = 1536

  private let bytes: UnsafeMutablePointer<UInt8>
  private(set) var count = 0

  /// Creates a buffer with room for one more line behind a whole piece.
  init() {
    bytes = .allocate(capacity: LogStream.pieceByteCount + LineBuffer.lineByteCount)
  }

  deinit {
    bytes.deallocate()
  }

  /// The first bytes, valid until the next call.
  func prefix(_ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: bytes, count: count)
  }

  mutating func removeFirst(_ removed: Int) {
    count -= removed
    bytes.update(from: bytes + removed, count: count)
  }

  mutating func append(_ text: StaticString) {
    (bytes + count).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    count += text.utf8CodeUnitCount
  }

  mutating func append(_ part: [UInt8]) {
    part.withUnsafeBufferPointer { part in
      guard let start = part.baseAddress else { return }
      (bytes + count).update(from: start, count: part.count)
    }
    count += part.count
  }

  mutating func append(digit: UInt64) {
    bytes[count] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit)
    count &+= 1
  }

  mutating func append(decimal number: UInt64) {
    var length = 1
    var bound: UInt64 = 10
    while number >= bound, length < 19 {
      length &+= 1
      bound &*= 10
    }
    if number >= bound { length = 20 }
    var rest = number
    var place = count &+ length
    while place > count {
      place &-= 1
      let quotient = rest / 10
      bytes[place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest &- quotient &* 10)
      rest = quotient
    }
    count &+= length
  }

  /// Appends 16 hexadecimal digits.
  mutating func append(hexadecimal number: UInt64) {
    var rest = number
    for place in stride(from: 15, through: 0, by: -1) {
      let digit = UInt8(truncatingIfNeeded: rest & 15)
      bytes[count &+ place] = digit &+ (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") &- 10)
      rest &>>= 4
    }
    count &+= 16
  }
}
