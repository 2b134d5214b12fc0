import LambdaCache
import Testing

@Suite("Texts that are compared by their bytes")
struct ExactStringTests {
  @Test("Exact strings differ where strings are only canonically equivalent")
  func equivalence() {
    for (first, second) in [("\u{E9}", "e\u{301}"), ("\u{212A}", "K"), ("\u{37E}", ";")] {
      #expect(first == second)
      #expect(ExactString(first) != ExactString(second))
      #expect(Set([ExactString(first), ExactString(second)]).count == 2)
    }
  }

  @Test("Exact strings are equal, with equal hashes, however the same bytes are stored")
  func storages() {
    for text in ["", "a", "a text of more than fifteen bytes", "\u{E9}\u{1F600}", "a\u{0}b"] {
      let other = ExactString(String(String(repeating: "x", count: 20) + text).dropped(20))
      #expect(ExactString(text) == other)
      #expect(ExactString(text).hashValue == other.hashValue)
    }
  }

  @Test("Exact strings differ from all of their prefixes")
  func beginnings() {
    let texts = (0...40).map { ExactString(String(repeating: "a", count: $0)) }
    #expect(Set(texts).count == texts.count)
    #expect(Set(texts.map(\.hashValue)).count == texts.count)
  }

  @Test("Exact strings own on the heap what their string owns")
  func bytes() {
    let text = String(repeating: "x", count: 100)
    #expect(ExactString(text).heapByteCount == text.heapByteCount)
    #expect(ExactString(text).heapByteCount > 100)
  }
}

extension String {
  fileprivate func dropped(_ count: Int) -> String { String(dropFirst(count)) }
}
