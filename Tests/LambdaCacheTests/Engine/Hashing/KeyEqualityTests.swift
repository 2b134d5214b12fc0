import LambdaCache
import Testing

/// A number that equals whatever has the same whole part.
private struct Approximate: Hashable {
  let number: Double

  init(_ number: Double) {
    self.number = number
  }

  static func == (first: Approximate, second: Approximate) -> Bool {
    first.number.rounded(.down) == second.number.rounded(.down)
  }

  func hash(into hasher: inout Hasher) { hasher.combine(number.rounded(.down)) }
}

@Suite("Comparing keys in place")
struct KeyEqualityTests {
  private static let hasher = KeyHasher()

  /// Whether a stored key is the one looked up, by the bytes of the latter, as in a hit.
  private func areSame(_ stored: String, _ key: String) -> Bool {
    Self.hasher.withHash(of: key) { hash, bytes in
      #expect(hash == Self.hasher.hash(key))
      return KeyEquality.areSame(stored, key, bytes: bytes)
    }
  }

  @Test(
    "Comparing keys in place tells strings apart that differ in one byte, wherever it is",
    arguments: 1...70)
  func everyByte(count: Int) {
    let bytes = (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) }
    let key = String(decoding: bytes, as: UTF8.self)
    #expect(areSame(String(decoding: bytes, as: UTF8.self), key))
    #expect(KeyEquality.areEqual(key, String(decoding: bytes, as: UTF8.self)))
    for index in 0..<count {
      var other = bytes
      other[index] ^= 1
      let different = String(decoding: other, as: UTF8.self)
      #expect(!areSame(different, key), "byte \(index)")
      #expect(!KeyEquality.areEqual(different, key), "byte \(index)")
      #expect(Self.hasher.hash(different) != Self.hasher.hash(key), "byte \(index)")
    }
    #expect(!areSame(key + "a", key))
    #expect(!areSame(key, key + "a"))
    #expect(!areSame("", key))
  }

  @Test("Comparing keys in place leaves keys without common bytes, or without any, to ==")
  func leftToEquality() {
    #expect(!areSame("", ""))
    #expect(KeyEquality.areEqual("", ""))
    #expect(!areSame("\u{212A}elvin", "Kelvin"))
    #expect(KeyEquality.areEqual("\u{212A}elvin", "Kelvin"))
    #expect(areSame("\u{E9}t\u{E9}", "\u{E9}t\u{E9}"))
  }

  @Test("Comparing keys in place exposes no bytes of keys that are not strings")
  func otherKeys() {
    Self.hasher.withHash(of: 7) { hash, bytes in
      #expect(hash == Self.hasher.hash(7))
      #expect(bytes.isEmpty)
    }
    #expect(KeyEquality.areSame(7, 7, bytes: UnsafeBufferPointer(start: nil, count: 0)))
    #expect(!KeyEquality.areSame(7, 8, bytes: UnsafeBufferPointer(start: nil, count: 0)))
  }

  @Test(
    "Comparing keys in place agrees with == for strings, whatever their bytes",
    arguments: [
      ("", ""), ("a", "a"), ("a", "b"), ("a", "ab"), ("", "a"), ("K", "\u{212A}"), ("K", "k"),
      ("\u{E9}", "e\u{301}"), ("\u{E9}", "e"), ("a\u{0}", "a"), ("a\u{0}b", "a\u{0}b"),
      ("a\u{0}b", "a\u{0}c"), ("fifteen bytes !", "fifteen bytes !"),
      ("sixteen bytes !!", "sixteen bytes !!"), ("sixteen bytes !!", "sixteen bytes !?"),
    ])
  func strings(first: String, second: String) {
    for (one, other) in [(first, second), (second, first)] {
      #expect(KeyEquality.areEqual(one, other) == (one == other))
      var stored = ""
      stored.reserveCapacity(100)
      stored += one
      #expect(KeyEquality.areEqual(stored, other) == (one == other))
    }
  }

  @Test("Comparing keys in place uses == of the key's own type for all others")
  func others() {
    #expect(KeyEquality.areEqual(Approximate(7.1), Approximate(7.9)))
    #expect(!KeyEquality.areEqual(Approximate(7.1), Approximate(8)))
    #expect(!KeyEquality.areEqual(Double.nan, Double.nan))
    #expect(KeyEquality.areEqual("caf\u{E9}"[...], "cafe\u{301}"[...]))
  }
}
