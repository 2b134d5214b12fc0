import LambdaCache
import TestSupport
import Testing

/// Equal to another by its name, whatever its note; counts nothing of the note into the hash.
private struct Named: Hashable {
  let name: String
  let note: Int

  static func == (first: Named, second: Named) -> Bool { first.name == second.name }

  func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

private enum Color: Hashable {
  case red
  case gray(level: Int)
}

@Suite("Hashes of keys")
struct KeyHasherTests {
  private func hasher(seed: UInt64) -> KeyHasher {
    var numbers = SplitMix64(seed: seed)
    return KeyHasher(secret: numbers.next(), multiplier: numbers.next())
  }

  private func expectIntegersAgree<Key: FixedWidthInteger & Hashable>(_ type: Key.Type) {
    let keys: [Key] = [
      .min, .min + 1, .max, .max - 1, 0, 1, 2, 3, 100, Key(truncatingIfNeeded: -1),
      Key(truncatingIfNeeded: -2), .max / 2, .max / 3, .min / 2,
    ]
    for seed in UInt64(1)...20 {
      let hasher = hasher(seed: seed)
      for first in keys {
        for second in keys {
          let copy = Key(String(second)) ?? 0
          #expect(
            (first == copy) == (hasher.hash(first) == hasher.hash(copy)),
            "\(type): \(first) and \(copy), seed \(seed)")
        }
      }
    }
  }

  @Test("Hashes of keys agree with equality for every type of integer")
  func integers() {
    expectIntegersAgree(Int.self)
    expectIntegersAgree(Int8.self)
    expectIntegersAgree(Int16.self)
    expectIntegersAgree(Int32.self)
    expectIntegersAgree(Int64.self)
    expectIntegersAgree(UInt.self)
    expectIntegersAgree(UInt8.self)
    expectIntegersAgree(UInt16.self)
    expectIntegersAgree(UInt32.self)
    expectIntegersAgree(UInt64.self)
    if #available(macOS 15, iOS 18, tvOS 18, watchOS 11, visionOS 2, *) {
      expectIntegersAgree(Int128.self)
      expectIntegersAgree(UInt128.self)
    }
  }

  @Test("Hashes of keys of other types are those of the type's own function")
  func otherTypes() {
    let hasher = hasher(seed: 1)
    #expect(hasher.hash(Named(name: "a", note: 1)) == hasher.hash(Named(name: "a", note: 2)))
    #expect(hasher.hash(Named(name: "a", note: 1)) != hasher.hash(Named(name: "b", note: 1)))
    #expect(hasher.hash(0.0) == hasher.hash(-0.0))
    #expect(hasher.hash(1.5) != hasher.hash(2.5))
    #expect(hasher.hash(Color.gray(level: 1)) == hasher.hash(Color.gray(level: 1)))
    #expect(hasher.hash(Color.gray(level: 1)) != hasher.hash(Color.gray(level: 2)))
    #expect(hasher.hash(Color.red) != hasher.hash(Color.gray(level: 0)))
    #expect(hasher.hash(["a", "b"]) == hasher.hash(["a"] + ["b"]))
    #expect(hasher.hash(Int?.none) != hasher.hash(Int?.some(0)))
    #expect(hasher.hash("caf\u{E9}"[...]) == hasher.hash("cafe\u{301}"[...]))
    #expect(hasher.hash(Character("\u{212A}")) == hasher.hash(Character("K")))
    #expect(hasher.hash("a" as String?) == hasher.hash(Optional(["a"].joined())))
    let sets = (Set(0..<50), Set((0..<50).reversed()))
    #expect(hasher.hash(sets.0) == hasher.hash(sets.1))
  }

  @Test("Hashes of keys differ with every seed", arguments: [0, 1, -1, Int.max])
  func seeds(key: Int) {
    let hashers = (UInt64(1)...200).map(hasher(seed:))
    #expect(Set(hashers.map { $0.hash(key) }).count >= 199)
    #expect(Set(hashers.map { $0.hash(UInt32(truncatingIfNeeded: key)) }).count >= 199)
    #expect(Set(hashers.map { $0.hash("\(key)") }).count >= 199)
    #expect(Set(hashers.map { $0.hash("") }).count >= 199)
    #expect(Set(hashers.map { $0.hash("ключ \(key)") }).count >= 199)
    #expect(Set(hashers.map { $0.hash([key]) }).count >= 199)
  }

  @Test("Seeds of hashes are drawn for each hasher, so that they cannot be predicted")
  func secrets() {
    let hashers = (0..<100).map { _ in KeyHasher() }
    #expect(Set(hashers.map { $0.hash(1) }).count >= 99)
    #expect(Set(hashers.map { $0.hash("one") }).count >= 99)
  }

  @Test("Hashes of keys are the same as long as the hasher is the same")
  func repeatability() {
    let hasher = KeyHasher()
    for key in -100...100 {
      #expect(hasher.hash(key) == hasher.hash(key))
      #expect(hasher.hash("\(key)") == hasher.hash("\(key)"))
      #expect(hasher.hash(Double(key)) == hasher.hash(Double(key)))
    }
  }
}
