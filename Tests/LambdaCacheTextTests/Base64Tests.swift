import LambdaCacheText
import Testing

@Suite("Base64")
struct Base64Tests {
  @Test("Base64 encodes any number of bytes, and decodes them again")
  func lengths() {
    for count in 0..<70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
      let text = Base64.encode(bytes)
      #expect(text.utf8.count == (count + 2) / 3 * 4)
      #expect(Base64.decode(text) == bytes)
    }
  }

  @Test(
    "Base64 has the test vectors of RFC 4648, section 10",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
  func samples(text: String, encoded: String) {
    #expect(Base64.encode(Array(text.utf8)) == encoded)
    #expect(Base64.decode(encoded) == Array(text.utf8))
  }

  @Test(
    "Base64 may be wrapped and without padding, and has nothing behind its padding",
    arguments: [
      ("Zm9v\r\nYg==", "foob"), ("Zm9vYg", "foob"), ("Zm9vYmE", "fooba"), ("Zm9vYg==Zg==", nil),
      ("Zm9v=Yg", nil), ("Zm9vY", nil), ("Zm9v-_", nil),
    ] as [(String, String?)])
  func unusual(encoded: String, text: String?) {
    #expect(Base64.decode(encoded) == text.map { Array($0.utf8) })
  }

  @Test("Base64 has every digit when it is read")
  func digits() {
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    #expect(Base64.decode(digits).map(Base64.encode) == digits)
  }

  @Test("Base64 has a digit for every six bits when it is written")
  func alphabet() {
    let bytes = (0..<48).map { index in
      // The 48 bytes that hold 0, 1, … 63 in six bits each.
      let bit = index * 8
      return (0..<8).reduce(UInt8(0)) { value, offset in
        let digit = (bit + offset) / 6
        let shift = 5 - (bit + offset) % 6
        return value << 1 | UInt8(digit >> shift & 1)
      }
    }
    #expect(
      Base64.encode(bytes) == "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  }
}
