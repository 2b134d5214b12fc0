import LambdaCache
import Testing

#if canImport(ObjectiveC)
  import Foundation
#endif

@Suite("Hashes of strings")
struct TextHashTests {
  private static let hasher = KeyHasher(
    secret: 0x0123_4567_89AB_CDEF, multiplier: 0xFEDC_BA98_7654_3211)

  private func expectEqualHashes(
    _ first: String, _ second: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(first == second, sourceLocation: sourceLocation)
    #expect(KeyEquality.areEqual(first, second), sourceLocation: sourceLocation)
    #expect(
      Self.hasher.hash(first) == Self.hasher.hash(second),
      "\(Array(first.unicodeScalars)) and \(Array(second.unicodeScalars))",
      sourceLocation: sourceLocation)
  }

  /// Strings are ordered by their normal form, and ASCII comes before everything else in it: a
  /// scalar that is equivalent to anything that begins with ASCII sorts before U+0080.
  @Test("Hashes of strings handle every scalar outside ASCII that is equivalent to ASCII")
  func scalarsEquivalentToASCII() {
    let boundary = "\u{80}"
    var found: [UInt32: String] = [:]
    for value in UInt32(0x80)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = String(Character(scalar))
      if text < boundary { found[value] = text }
    }
    #expect(Set(found.keys) == [0x037E, 0x1FEF, 0x212A])
    #expect(found[0x037E] == ";")
    #expect(found[0x1FEF] == "`")
    #expect(found[0x212A] == "K")
  }

  @Test("Hashes of strings are equal for all scalars that are equal as strings")
  func equivalentScalars() {
    var hashes: [String: UInt32] = [:]
    var pairs = 0
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      switch scalar.properties.generalCategory {
      case .unassigned, .privateUse: continue
      default: break
      }
      let text = String(Character(scalar))
      let hash = Self.hasher.hash(text)
      if let known = hashes.updateValue(hash, forKey: text) {
        pairs += 1
        #expect(known == hash, "U+\(String(value, radix: 16))")
      }
    }
    #expect(pairs > 1000, "there are more than a thousand singletons, mostly ideographs")
  }

  @Test(
    "Hashes of strings are equal for composed and decomposed forms",
    arguments: [
      ("\u{E9}", "e\u{301}"), ("\u{C5}", "A\u{30A}"), ("\u{212B}", "A\u{30A}"),
      ("\u{1E69}", "s\u{323}\u{307}"), ("s\u{307}\u{323}", "s\u{323}\u{307}"),
      ("\u{1E63}\u{307}", "\u{1E61}\u{323}"), ("\u{AC00}", "\u{1100}\u{1161}"),
      ("\u{AC01}", "\u{1100}\u{1161}\u{11A8}"), ("\u{AC00}\u{11A8}", "\u{AC01}"),
      ("\u{2126}", "\u{3A9}"), ("\u{F900}", "\u{8C48}"), ("\u{1F1}", "\u{1F1}"),
      ("\u{2260}", "=\u{338}"), ("\u{226E}", "<\u{338}"), ("\u{212A}\u{301}", "\u{1E30}"),
      ("K\u{301}", "\u{212A}\u{301}"), ("\u{1FEF}\u{301}", "`\u{301}"),
      ("\u{37E}\u{338}", ";\u{338}"), ("\u{2F800}", "\u{4E3D}"),
      ("\u{1D15E}", "\u{1D157}\u{1D165}"),
    ])
  func normalForms(first: String, second: String) {
    expectEqualHashes(first, second)
    for count in [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33] {
      let ascii = String(repeating: "x", count: count)
      expectEqualHashes(ascii + "." + first, ascii + "." + second)
      expectEqualHashes(first + "." + ascii, second + "." + ascii)
      expectEqualHashes(ascii + "." + first + "." + ascii, ascii + "." + second + "." + ascii)
    }
  }

  @Test(
    "Hashes of strings notice a character outside ASCII at every place of every length",
    arguments: [("K", "\u{212A}"), (";", "\u{37E}"), ("`", "\u{1FEF}"), ("\u{E9}", "e\u{301}")])
  func everyPlace(plain: String, variant: String) {
    for length in 1...66 {
      let ascii = (0..<length).map { String(UnicodeScalar(UInt8(97 + $0 % 26))) }
      for place in 0..<length {
        var first = ascii
        var second = ascii
        first[place] = plain
        second[place] = variant
        let (one, other) = (first.joined(), second.joined())
        guard one == other, Self.hasher.hash(one) == Self.hasher.hash(other),
          KeyEquality.areEqual(one, other)
        else {
          Issue.record("length \(length), place \(place)")
          return
        }
      }
    }
  }

  @Test(
    "Hashes of strings do not depend on how a string is stored",
    arguments: Array(0...64) + [255, 1000, 5000])
  func storages(length: Int) {
    for alphabet in ["abcdefghij", "a\u{E9}\u{212A}\u{4E3D}\u{1F600}"] {
      let characters = Array(alphabet)
      let text = String((0..<length).map { characters[$0 % characters.count] })
      expectEqualHashes(text, String(Array(text)))
      expectEqualHashes(text, String(decoding: Array(text.utf8), as: UTF8.self))
      expectEqualHashes(text, String(decoding: Array(text.utf16), as: UTF16.self))
      expectEqualHashes(text, String(("<" + text + ">").dropFirst().dropLast()))
      var grown = ""
      grown.reserveCapacity(10_000)
      for character in text { grown.append(character) }
      expectEqualHashes(text, grown)
      expectEqualHashes(text, String(String.UnicodeScalarView(text.unicodeScalars)))
      #if canImport(ObjectiveC)
        if let bridged = NSString(utf8String: text) { expectEqualHashes(text, bridged as String) }
        expectEqualHashes(text, NSMutableString(string: text).copy() as? String ?? "")
      #endif
    }
  }

  @Test("Hashes of strings do not depend on whether a string is a literal")
  func literals() {
    expectEqualHashes("", String())
    expectEqualHashes("small", ["s", "m", "a", "l", "l"].joined())
    expectEqualHashes(
      "a literal that is longer than fifteen bytes",
      ["a literal", " that is longer ", "than fifteen bytes"].joined())
    expectEqualHashes("ключ", ["к", "л", "ю", "ч"].joined())
  }

  @Test("Hashes of strings differ for strings of every length that differ in one byte")
  func oneByteDifference() {
    for length in 1...64 {
      let bytes = (0..<length).map { UInt8(97 + $0 % 26) }
      var seen: Set<UInt32> = [Self.hasher.hash(String(decoding: bytes, as: UTF8.self))]
      for place in 0..<length {
        for other in [UInt8(48), 95, 0] {
          var changed = bytes
          changed[place] = other
          seen.insert(Self.hasher.hash(String(decoding: changed, as: UTF8.self)))
        }
      }
      #expect(seen.count == 1 + 3 * length, "length \(length)")
    }
  }

  @Test("Hashes of strings of one character, in ASCII and outside, differ by their length")
  func lengths() {
    for character in ["a", "\u{0}", "\u{E9}", "\u{1F600}"] {
      let hashes = (0...200).map { Self.hasher.hash(String(repeating: character, count: $0)) }
      #expect(Set(hashes).count == hashes.count)
    }
  }
}
