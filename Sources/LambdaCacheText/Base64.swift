/// Base64 with padding (RFC 4648, section 4).
package enum Base64 {
  /// The bytes that a text stands for; O(*n*) in its length.
  ///
  /// - Parameter text: It may be wrapped, and may leave out its padding.
  /// - Returns: `nil` if it is not in Base64.
  package static func decode(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count / 4 * 3)
    var bits: UInt32 = 0
    var digitCount = 0
    var hasEnded = false
    for byte in text.utf8 {
      if byte == ASCII.equals {
        hasEnded = true
      } else if byte > ASCII.space {
        guard !hasEnded, let digit = value(of: byte) else { return nil }
        bits = bits << 6 | UInt32(digit)
        digitCount += 1
        if digitCount % 4 == 0 { append(bits, 3, to: &bytes) }
      }
    }
    switch digitCount % 4 {
    case 0: break
    case 2: append(bits << 12, 1, to: &bytes)
    case 3: append(bits << 6, 2, to: &bytes)
    default: return nil
    }
    return bytes
  }

  /// The highest bytes of 24 bits.
  private static func append(_ bits: UInt32, _ count: Int, to bytes: inout [UInt8]) {
    for place in 0..<count { bytes.append(UInt8(truncatingIfNeeded: bits >> (16 - 8 * place))) }
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case ASCII.slash: 63
    default: nil
    }
  }

  /// The text that stands for bytes; O(*n*) in their number.
  package static func encode(_ bytes: some RandomAccessCollection<UInt8>) -> String {
    let digits: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var rest = bytes[...]
    while !rest.isEmpty {
      let group = rest.prefix(3)
      rest = rest.dropFirst(3)
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0..<4 {
        text.append(
          place <= group.count
            ? digits.utf8Start[bits >> (18 - 6 * place) & 63] : ASCII.equals)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
