import LambdaCacheText
import Testing

@Suite("ASCII")
struct ASCIITests {
  @Test(
    "ASCII digits spell a number that fits, and no other",
    arguments: [
      ("0", 0), ("007", 7), ("9223372036854775807", .max), ("9223372036854775808", nil),
      ("92233720368547758070", nil), ("", nil), ("-1", nil), ("+1", nil), ("1 ", nil), ("1a", nil),
    ] as [(String, Int?)])
  func decimal(text: String, number: Int?) {
    #expect(ASCII.decimal(text.utf8) == number)
  }

  @Test("Hexadecimal digits are sixteen in either case, and no further letter")
  func hexDigits() {
    let digits = (UInt8.min...UInt8.max).filter { ASCII.hexDigit($0) != nil }
    #expect(String(decoding: digits, as: UTF8.self) == "0123456789ABCDEFabcdef")
    #expect(digits.compactMap(ASCII.hexDigit).suffix(6) == [10, 11, 12, 13, 14, 15])
  }

  @Test("Letters of ASCII are equal in both cases where case is ignored")
  func cases() {
    let letters = (UInt8.min...UInt8.max).filter(ASCII.isLetter)
    #expect(letters.count == 52)
    #expect((UInt8.min...UInt8.max).filter { ASCII.lowercased($0) != $0 }.count == 26)
    #expect("Content-Type".equalsIgnoringCase("cONTENT-tYPE"))
    // The Kelvin sign is a K for Unicode, and none for HTTP.
    #expect(!"\u{212A}".equalsIgnoringCase("k"))
    #expect("\u{C4}B".lowercasedASCII == "\u{C4}b")
  }

  @Test("Whitespace of HTTP is trimmed at the ends alone")
  func whitespace() {
    #expect(" \t a b\t".trimmingWhitespace == "a b")
    #expect(" \t".trimmingWhitespace == "")
    #expect(ASCII.trimmed(Array("\t a b ".utf8)[...]) == Array("a b".utf8)[...])
    #expect("\na".trimmingWhitespace == "\na")
  }
}
