import LambdaCache
import TestSupport
import Testing

/// Keys that an attacker may choose who knows everything but the secrets.
///
/// Two hashes of 32 bits are equal once in four billion times by chance; that a pair is so under
/// two secrets of a few is not to be seen by chance in a lifetime of runs.
@Suite("Hashes of keys that were chosen to collide")
struct ChosenKeyTests {
  private static let hashers: [KeyHasher] = {
    var generator = SplitMix64(seed: 14)
    return (0..<12).map { _ in
      KeyHasher(secret: generator.next(), multiplier: generator.next())
    }
  }()

  /// The pairs of keys that have the same hash under more than one secret; of each family of keys
  /// only neighbours.
  private func pairsThatCollide<Key: Hashable>(_ keys: [Key]) -> [(Key, Key)] {
    var seen: Set<[Int]> = []
    var repeated: [(Key, Key)] = []
    for hasher in Self.hashers {
      var places: [UInt32: Int] = [:]
      places.reserveCapacity(keys.count)
      for (place, key) in keys.enumerated() {
        guard let other = places.updateValue(place, forKey: hasher.hash(key)) else { continue }
        if !seen.insert([other, place]).inserted { repeated.append((keys[other], keys[place])) }
      }
    }
    return repeated
  }

  private func expectNoPair<Key: Hashable>(
    _ keys: some Sequence<Key>, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let pairs = pairsThatCollide(Array(Set(keys)))
    #expect(
      pairs.isEmpty, "\(pairs.count) pairs, as \(pairs.prefix(3))", sourceLocation: sourceLocation)
  }

  private func text(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }

  @Test("The search for colliding keys finds the pair that it is made for")
  func search() {
    // Equal as strings, so equal in their hashes; distinguished by their wrapper.
    struct Wrapped: Hashable {
      let text: ExactString
      let key: String
      static func == (first: Wrapped, second: Wrapped) -> Bool { first.text == second.text }
      func hash(into hasher: inout Hasher) { hasher.combine(key) }
    }
    let pairs = pairsThatCollide([
      Wrapped(text: ExactString("a"), key: "k"), Wrapped(text: ExactString("b"), key: "k"),
    ])
    #expect(!pairs.isEmpty)
  }

  @Test("Hashes differ for repetitions of any unit, of every length up to 70")
  func repetitions() {
    let units = [
      "a", "0", "\0", "\u{1}", "\u{7F}", "ab", "10", "abc", "1000", "abcd", "abcde", "abcdefgh",
      "0000000\0", "abcdefghabcdefgi", "\u{1}\0\0\0\0\0\0\0",
    ]
    let texts = units.flatMap { (unit: String) -> [String] in
      let bytes = Array(unit.utf8)
      return (0...70).map { (length: Int) -> String in
        text((0..<length).map { bytes[$0 % bytes.count] })
      }
    }
    expectNoPair(texts)
  }

  @Test("Hashes differ for numbers of any width, with and without zeros before and behind them")
  func digits() {
    var texts = (0..<3_000).map(String.init)
    for number in stride(from: 0, to: 1_000, by: 7) {
      for zeros in 1...12 {
        texts.append(String(repeating: "0", count: zeros) + "\(number)")
        texts.append("\(number)" + String(repeating: "0", count: zeros))
      }
    }
    expectNoPair(texts)
  }

  @Test("Hashes differ for the beginnings, the ends and the middles of a text")
  func parts() {
    let bytes = Array("arn:aws:lambda:eu-central-1:123456789012:function:users:PROD/$LATEST-0".utf8)
    var texts: [String] = []
    for start in 0..<bytes.count {
      for end in start...bytes.count where start == 0 || end == bytes.count || start % 8 == 0 {
        texts.append(text(bytes[start..<end]))
      }
    }
    expectNoPair(texts)
  }

  @Test("Hashes differ for texts up to 70 bytes that differ in a byte by what lengths differ by")
  func lengthsAndBytes() {
    for filling in [UInt8(ascii: "a"), 0, UInt8(ascii: "0")] {
      var texts: [String] = []
      for length in 0...70 {
        let bytes = [UInt8](repeating: filling, count: length)
        texts.append(text(bytes))
        // Where words begin, counted from either end.
        let places = Set([0, 1, 2, 3, 4, 8, 16, length / 2].flatMap { [$0, length - 1 - $0] })
        for place in places where bytes.indices.contains(place) {
          for difference in [1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 24, 31, 32, 48, 64, 127] as [UInt8] {
            var changed = bytes
            changed[place] ^= difference
            texts.append(text(changed))
          }
        }
      }
      expectNoPair(texts)
    }
  }

  @Test("Hashes differ for texts that differ in one byte at any place")
  func oneByte() {
    var texts: [String] = []
    for length in 1...70 {
      let bytes = (0..<length).map { UInt8(97 + $0 % 26) }
      for place in 0..<length {
        for difference in [1, 32, 64] as [UInt8] {
          var changed = bytes
          changed[place] ^= difference
          texts.append(text(changed))
        }
      }
    }
    expectNoPair(texts)
  }

  @Test(
    "Hashes differ for blocks in any order, and with blocks of zeros between them",
    arguments: [4, 8, 16])
  func blocks(size: Int) {
    var blocks = [[UInt8](repeating: 0, count: size)]
    for number in 1..<6 {
      blocks.append(
        (0..<size).map { (place: Int) -> UInt8 in
          UInt8(64 + (number * 37 + place * 11) % 60)
        })
    }
    var texts: [String] = []
    func extend(_ bytes: [UInt8], _ depth: Int) {
      texts.append(text(bytes))
      guard depth < 4 else { return }
      for block in blocks { extend(bytes + block, depth + 1) }
    }
    extend([], 0)
    expectNoPair(texts)
  }

  @Test("Hashes differ for integers that share most of their bits, of every width")
  func integers() {
    var numbers: [Int] = Array(-500..<500)
    for shift in 0..<63 {
      for factor in [1, 3, 5, -1, -3] {
        for offset in -2...2 { numbers.append((factor << shift) &+ offset) }
      }
    }
    numbers += numbers.map(\.byteSwapped) + numbers.map { ~$0 }
    expectNoPair(numbers)
    expectNoPair(numbers.map { UInt64(bitPattern: Int64($0)) })
    expectNoPair(numbers.map { UInt32(truncatingIfNeeded: $0) })
    expectNoPair(numbers.map { Int16(truncatingIfNeeded: $0) })
    expectNoPair(UInt8.min...UInt8.max)
    expectNoPair([false, true])
  }

  @Test("Hashes differ for texts outside ASCII, and from those in it")
  func outsideASCII() {
    var texts: [String] = []
    for unit in ["\u{E9}", "\u{4E3D}", "\u{1F600}", "a\u{301}", "\u{212A}", "K"] {
      for length in 1...40 { texts.append(String(repeating: unit, count: length)) }
    }
    expectNoPair(texts)
  }
}
