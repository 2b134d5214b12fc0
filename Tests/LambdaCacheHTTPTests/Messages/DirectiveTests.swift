import LambdaCacheText
import TestSupport
import Testing

@testable import LambdaCacheHTTP

@Suite("Cache-Control")
struct DirectiveTests {
  @Test(
    "Cache-Control is read into directives",
    arguments: [
      ("max-age=60", ["max-age=60"]),
      (" Max-Age=60 ,\tno-store ", ["max-age=60", "no-store"]),
      (",,a,,b,", ["a", "b"]),
      ("a=\"x, y\", b", ["a=x, y", "b"]),
      ("a=\"\\\"\\\\\", b", ["a=\"\\", "b"]),
      ("a=, b", ["a=", "b"]),
      ("a=\"\"", ["a="]),
      ("=x, b", ["b"]),
      ("\"a, b\", c", ["c"]),
      ("", []),
    ])
  func reading(text: String, expected: [String]) {
    let list = DirectiveList(text)
    #expect(list.directives.map { $0.name + ($0.argument.map { "=" + $0 } ?? "") } == expected)
    #expect(!list.isTruncated)
    #expect(!list.directives.map(\.isWellFormed).contains(false))
  }

  @Test(
    "Cache-Control is not believed where it does not end or has too many elements",
    arguments: ["a=\"b", "a=\"b\\", "a=\"b\\\"", "x, \"y", "a b=\"c"])
  func truncated(text: String) {
    #expect(DirectiveList(text).isTruncated)
  }

  @Test("Cache-Control keeps the name of an element that has too much, and not its argument")
  func malformed() {
    let list = DirectiveList("max-age=60 60, no-store; x, public")
    #expect(list.directives.map(\.name) == ["max-age", "no-store", "public"])
    #expect(list.directives.map(\.isWellFormed) == [false, false, true])
    let response = ResponseDirectives("max-age=60 60, public; x, immutable x, no-cache/x")
    #expect(response.maxAge == .invalid)
    #expect(!response.isPublic)
    #expect(!response.immutable)
    #expect(response.noCache)
  }

  @Test("Cache-Control gives back the directives that were put into it, however they are written")
  func roundTrip() {
    var generator = SplitMix64(seed: 3)
    for _ in 0..<5000 {
      var written: [String] = []
      var expected: [DirectiveList.Directive] = []
      for _ in 0..<Int.random(in: 0...6, using: &generator) {
        let (text, directive) = Self.element(using: &generator)
        written.append(text)
        expected.append(directive)
      }
      let separator = [",", ", ", " ,\t", ",,"].randomElement(using: &generator)!
      let list = DirectiveList(written.joined(separator: separator))
      #expect(list.directives == expected)
      #expect(!list.isTruncated)
    }
  }

  private static func element(
    using generator: inout SplitMix64
  ) -> (String, DirectiveList.Directive) {
    let names = ["max-age", "No-Cache", "x", "!#$%&'*+-.^_`|~9", "PRIVATE"]
    let name = names.randomElement(using: &generator)!
    switch Int.random(in: 0..<3, using: &generator) {
    case 0: return (name, directive(name, nil))
    case 1:
      let token = ["60", "abc", "~"].randomElement(using: &generator)!
      return ("\(name)=\(token)", directive(name, token))
    default:
      let text = String(
        (0..<Int.random(in: 0...8, using: &generator)).map { _ in
          "ab,=\"\\ é".randomElement(using: &generator)!
        })
      let quoted = text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
      return ("\(name)=\"\(String(quoted))\"", directive(name, text, isQuoted: true))
    }
  }

  private static func directive(
    _ name: String, _ argument: String?, isQuoted: Bool = false
  ) -> DirectiveList.Directive {
    DirectiveList.Directive(
      name: name.lowercased(), argument: argument, isQuoted: isQuoted, isWellFormed: true)
  }

  @Test("Cache-Control that is damaged never traps, and never says more than its names do")
  func damaged() {
    var generator = SplitMix64(seed: 4)
    let sample = "max-age=60, private=\"a, b\", no-cache=\"c\\\"\", s-maxage=\"5\", no-store, x=y"
    var tally = (stored: 0, kept: 0)
    for _ in 0..<12_000 {
      let text = sample.damaged(using: &generator)
      let directives = ResponseDirectives(text)
      _ = RequestDirectives(cacheControl: text, pragma: text)
      if directives.noStore { tally.kept += 1 } else { tally.stored += 1 }
      if text.contains(", no-store, ") { #expect(directives.noStore || text.contains("\"")) }
      for name in directives.noCacheFields + directives.privateFields { #expect(!name.isEmpty) }
    }
    #expect(min(tally.stored, tally.kept) > 400)
  }

  @Test(
    "Numbers in Cache-Control consist of digits only",
    arguments: [
      ("0", 0), ("60", 60), ("007", 7), ("2147483647", 2_147_483_647),
      ("2147483648", 2_147_483_648), ("2147483649", 2_147_483_648),
      ("99999999999999999999999999999", 2_147_483_648), ("", nil), ("-1", nil), ("+1", nil),
      ("1.5", nil), ("1s", nil), (" 1", nil), ("٣", nil),
    ])
  func seconds(text: String, expected: Int?) {
    #expect(DirectiveSeconds.parse(text) == expected)
  }
}

@Suite("An entity tag")
struct EntityTagTests {
  @Test(
    "An entity tag is read",
    arguments: [
      ("\"a\"", EntityTag(isWeak: false, opaque: "a")),
      ("W/\"a\"", EntityTag(isWeak: true, opaque: "a")),
      (" \"\" ", EntityTag(isWeak: false, opaque: "")),
      ("\"a,b!é\"", EntityTag(isWeak: false, opaque: "a,b!é")),
    ])
  func valid(text: String, expected: EntityTag) {
    #expect(EntityTag(text) == expected)
    #expect(EntityTag(expected.text) == expected)
  }

  @Test(
    "An entity tag is not read from anything else",
    arguments: ["", "a", "\"a", "a\"", "w/\"a\"", "W\"a\"", "W/a", "\"a b\"", "\"a\"b", "*"])
  func invalid(text: String) {
    #expect(EntityTag(text) == nil)
  }

  @Test("An entity tag is compared as the table in RFC 9110, section 8.8.3.2, has it")
  func comparison() {
    let rows = [
      ("W/\"1\"", "W/\"1\"", false, true), ("W/\"1\"", "W/\"2\"", false, false),
      ("W/\"1\"", "\"1\"", false, true), ("\"1\"", "\"1\"", true, true),
    ]
    for (first, second, strongly, weakly) in rows {
      let tags = (EntityTag(first)!, EntityTag(second)!)
      #expect(tags.0.matchesStrongly(tags.1) == strongly)
      #expect(tags.0.matchesWeakly(tags.1) == weakly)
      #expect(tags.1.matchesWeakly(tags.0) == weakly)
    }
  }

  @Test("A damaged list of entity tags never traps, and never names a tag that is not in it")
  func damaged() {
    var generator = SplitMix64(seed: 5)
    let tag = EntityTag("\"here\"")!
    var matches = 0
    for _ in 0..<20_000 {
      let list = "W/\"one\", \"here\", \"t,wo\"".damaged(using: &generator)
      // A lone star names everything.
      if list.trimmingWhitespace == "*" { continue }
      if EntityTag.list(list, names: tag) {
        matches += 1
        #expect(list.contains("\"here\""))
      }
      #expect(!EntityTag.list(list, names: EntityTag("\"elsewhere\"")))
    }
    #expect(matches > 1000)
  }
}

@Suite("The hash in entity tags")
struct SHA256Tests {
  @Test(
    "The hash in entity tags is that of FIPS 180-4",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      (
        String(repeating: "a", count: 1_000_000),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
      ),
    ])
  func vectors(text: String, expected: String) {
    var hash = SHA256()
    hash.update(text)
    #expect(Self.digits(of: hash.finalize()) == expected)
  }

  @Test("The hash in entity tags does not depend on the pieces in which it is fed")
  func pieces() {
    var generator = SplitMix64(seed: 6)
    for _ in 0..<300 {
      let text = String(
        (0..<Int.random(in: 0...300, using: &generator)).map { _ in
          "abc".randomElement(using: &generator)!
        })
      var whole = SHA256()
      whole.update(text)
      var pieces = SHA256()
      var rest = text[...]
      while !rest.isEmpty {
        let count = Int.random(in: 1...100, using: &generator)
        pieces.update(String(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      #expect(whole.finalize() == pieces.finalize())
    }
  }

  private static func digits(of words: [UInt32]) -> String {
    words.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }
}
