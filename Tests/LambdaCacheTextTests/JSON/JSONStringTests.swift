import Foundation
import LambdaCacheText
import Testing

@Suite("A JSON string")
struct JSONStringTests {
  private func literal(_ text: String) -> String {
    var json = JSONWriter()
    json.append(string: text)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  @Test(
    "A JSON string is written by RFC 8259",
    arguments: [
      ("", #""""#), ("plain", #""plain""#), ("\"", #""\"""#), ("\\", #""\\""#), ("/", #""/""#),
      ("\n\r\t\u{8}\u{C}", #""\n\r\t\b\f""#), ("\0", #""\u0000""#), ("\u{1B}", #""\u001b""#),
      ("\u{1F}\u{20}", #""\u001f ""#), ("\u{7F}", "\"\u{7F}\""), ("é€😀", "\"é€😀\""),
      ("\u{2028}", "\"\u{2028}\""), ("e\u{301}", "\"e\u{301}\""),
    ])
  func escapes(text: String, expected: String) {
    #expect(Array(literal(text).utf8) == Array(expected.utf8))
  }

  @Test(
    "A JSON string is read back by another implementation, for every scalar of the first planes")
  func roundTrip() throws {
    for start in stride(from: UInt32(0), to: 0x2_0000, by: 0x400) {
      var text = ""
      for value in start..<(start + 0x400) {
        if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
      }
      let array = try JSONSerialization.jsonObject(with: Data("[\(literal(text))]".utf8))
      let read = try #require((array as? [String])?.first)
      #expect(Array(read.unicodeScalars) == Array(text.unicodeScalars), "from U+\(start)")
    }
  }

  @Test(
    "A JSON string of bytes that are not Unicode has them replaced, never passed on",
    arguments: [
      [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xFF], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82],
    ]
      as [[UInt8]])
  func invalidUnicode(bytes: [UInt8]) throws {
    let written = literal(String(decoding: bytes, as: UTF8.self))
    let array = try JSONSerialization.jsonObject(with: Data("[\(written)]".utf8))
    #expect((array as? [String])?.first?.contains("\u{FFFD}") == true)
  }
}
