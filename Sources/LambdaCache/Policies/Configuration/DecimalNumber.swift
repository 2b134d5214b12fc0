/// A decimal number without sign or exponent, kept exactly.
struct DecimalNumber {
  /// The digits as one whole number.
  private let digits: UInt64

  /// Ten to the power of the number of digits behind the point.
  private let divisor: UInt64

  /// Takes a number off the front of a text: digits, then perhaps a point and more digits.
  ///
  /// - Parameter text: Loses what was read; unchanged if there is no number.
  /// - Returns: `nil` if the text does not start with a number of at most eighteen digits.
  init?(consuming text: inout ArraySlice<UInt8>) {
    var digits: UInt64 = 0
    var divisor: UInt64 = 1
    var digitCount = 0
    var pointIndex: Int?
    var index = text.startIndex
    while index < text.endIndex {
      let byte = text[index]
      if byte == UInt8(ascii: "."), pointIndex == nil {
        pointIndex = index
      } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        digitCount += 1
        guard digitCount <= 18 else { return nil }
        digits = digits * 10 + UInt64(byte - UInt8(ascii: "0"))
        if pointIndex != nil { divisor *= 10 }
      } else {
        break
      }
      index += 1
    }
    // A point needs a digit on either side.
    if let pointIndex {
      guard pointIndex > text.startIndex, pointIndex + 1 < index else { return nil }
    }
    guard digitCount > 0 else { return nil }
    self.digits = digits
    self.divisor = divisor
    text = text[index...]
  }

  /// Whether the number is written without a point.
  var isWhole: Bool { divisor == 1 }

  /// The number times a unit, rounded down, or `nil` if that is above `Int.max`.
  func multiplied(by unit: UInt64) -> Int? {
    let product = digits.multipliedFullWidth(by: unit)
    guard product.high < divisor else { return nil }
    return Int(exactly: divisor.dividingFullWidth(product).quotient)
  }

  /// The nearest floating-point number.
  var doubleValue: Double { Double(digits) / Double(divisor) }
}
