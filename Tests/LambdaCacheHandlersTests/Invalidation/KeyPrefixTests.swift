import TestSupport
import Testing

@testable import LambdaCacheHandlers

@Suite("Prefixes of keys")
struct KeyPrefixTests {
  @Test("Prefixes of keys find the keys that one of them finds alone, however many they are")
  func equalToEach() {
    let pieces = ["a", "b", "K", "\u{212A}", "e", "\u{301}", "\u{E9}", "\r", "\n", "ab", ""]
    var random = SplitMix64(seed: 7)
    func text() -> String {
      (0..<4).map { _ in random.pick(pieces) }.joined()
    }
    var found = 0
    for _ in 0..<300 {
      let prefixes = (0..<5).map { _ in String(text().prefix(2)) }.filter { !$0.isEmpty }
      let together = KeyPrefixes(prefixes)
      for _ in 0..<20 {
        let key = text()
        let isMeant = prefixes.contains { key.hasPrefix($0) || key.utf8.starts(with: $0.utf8) }
        #expect(together.begin(key) == isMeant, "\(prefixes) of \(key.debugDescription)")
        if isMeant { found += 1 }
      }
    }
    #expect((300..<5_500).contains(found))
  }

  @Test("Prefixes of keys find nothing if there are none, and everything with an empty one")
  func ends() {
    #expect(!KeyPrefixes([]).begin("a"))
    #expect(KeyPrefixes(["", "b"]).begin("a"))
    #expect(KeyPrefixes(["", "b"]).begin(""))
  }
}
