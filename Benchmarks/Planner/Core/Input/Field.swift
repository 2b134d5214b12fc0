/// Bytes of a line.
typealias Bytes = UnsafeRawBufferPointer

extension UnsafeRawBufferPointer {
  /// A part, which must lie within.
  subscript(part range: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: self[range])
  }

  var text: String { String(decoding: self, as: UTF8.self) }

  func equals(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount && starts(with: text)
  }

  func starts(with text: StaticString) -> Bool {
    let length = text.utf8CodeUnitCount
    guard count >= length else { return false }
    for index in 0..<length where self[index] != text.utf8Start[index] { return false }
    return true
  }

  /// Where a text stands first, from an offset on.
  func offset(of text: StaticString, from start: Int = 0) -> Int? {
    let length = text.utf8CodeUnitCount
    guard count >= length, start <= count - length else { return nil }
    let first = text.utf8Start[0]
    for offset in start...(count - length) where self[offset] == first {
      if self[part: offset..<count].starts(with: text) { return offset }
    }
    return nil
  }

  /// Without spaces at both ends.
  var stripped: UnsafeRawBufferPointer {
    var range = 0..<count
    while let first = range.first, self[first] <= 0x20 { range = first + 1..<range.upperBound }
    while let last = range.last, self[last] <= 0x20 { range = range.lowerBound..<last }
    return self[part: range]
  }

  /// A whole number of up to 18 digits.
  var wholeNumber: Int64? {
    guard (1...18).contains(count) else { return nil }
    var number: Int64 = 0
    for byte in self {
      guard (0x30...0x39).contains(byte) else { return nil }
      number = number * 10 + Int64(byte - 0x30)
    }
    return number
  }

  /// A finite decimal number such as `-12.5e3`.
  var decimalNumber: Double? {
    if let whole = wholeNumber { return Double(whole) }
    guard (1...64).contains(count) else { return nil }
    // The standard library also takes "inf", "nan" and hexadecimal digits.
    for byte in self {
      switch byte {
      case 0x30...0x39, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
        UInt8(ascii: "e"), UInt8(ascii: "E"):
        continue
      default: return nil
      }
    }
    return Double(text).flatMap { $0.isFinite ? $0 : nil }
  }

  /// The number that 16 hexadecimal digits say.
  var hash64: UInt64? {
    guard count == 16 else { return nil }
    var number: UInt64 = 0
    for byte in self {
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x61...0x66: digit = byte - 0x61 + 10
      case 0x41...0x46: digit = byte - 0x41 + 10
      default: return nil
      }
      number = number << 4 | UInt64(digit)
    }
    return number
  }
}
