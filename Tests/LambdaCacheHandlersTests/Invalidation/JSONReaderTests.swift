import Foundation
import LambdaCacheText
import TestSupport
import Testing

@testable import LambdaCacheHandlers

/// Writes random JSON, in one of the many ways each value can be written.
private struct JSONMaker {
  var random = SplitMix64(seed: FuzzEnvironment.seed)

  mutating func value(depth: Int = 0) -> String {
    let kinds = depth < 5 ? 8 : 6
    let text =
      switch Int.random(in: 0..<kinds, using: &random) {
      case 0: "null"
      case 1: "true"
      case 2: "false"
      case 3: number()
      case 4, 5: string()
      case 6: list("[", "]") { $0.value(depth: depth + 1) }
      default: object(depth: depth)
      }
    return space() + text + space()
  }

  private mutating func space() -> String {
    random.pick(["", "", "", " ", "\n", "\t \r\n"])
  }

  private mutating func number() -> String {
    random.pick(["", "-"]) + random.pick(["0", "7", "10", "123456"])
      + random.pick(["", ".0", ".25", ".125"]) + random.pick(["", "e1", "E+2", "e-3", "e0"])
  }

  mutating func string() -> String {
    let pieces = [
      "a", " ", "/", "\\/", "\\\"", "\\\\", "\\b", "\\f", "\\n", "\\r", "\\t", "\\u0041", "\\u00e9",
      "\\uD83D\\uDE00", "\\ud834\\udd1e", "\u{E9}", "e\u{301}", "\u{1F600}", "\u{7F}", "\\u0000",
      "\\uffff", "\\u2028", "\u{2028}", "{", "]",
    ]
    let count = Int.random(in: 0...6, using: &random)
    return "\"" + (0..<count).map { _ in random.pick(pieces) }.joined() + "\""
  }

  private mutating func object(depth: Int) -> String {
    var names = 0
    return list("{", "}") { maker in
      names += 1
      // No name twice.
      let name = maker.string().dropLast() + "\(names)\""
      return "\(maker.space())\(name)\(maker.space()):\(maker.value(depth: depth + 1))"
    }
  }

  private mutating func list(
    _ first: String, _ last: String, _ element: (inout JSONMaker) -> String
  ) -> String {
    var elements: [String] = []
    for _ in 0..<Int.random(in: 0...4, using: &random) { elements.append(element(&self)) }
    return first + (elements.isEmpty ? space() : elements.joined(separator: ",")) + last
  }

  /// A text with one to three characters changed, inserted or taken out.
  mutating func damaged(_ text: String) -> String {
    var scalars = Array(text.unicodeScalars)
    let noise = Array("{}[]\",:\\/ue+-.019 tnf\n\u{0}\u{1F}\u{E9}".unicodeScalars)
    for _ in 0..<Int.random(in: 1...3, using: &random) where !scalars.isEmpty {
      let index = Int.random(in: 0..<scalars.count, using: &random)
      switch Int.random(in: 0..<3, using: &random) {
      case 0: scalars[index] = random.pick(noise)
      case 1: scalars.insert(random.pick(noise), at: index)
      default: scalars.remove(at: index)
      }
    }
    var result = ""
    result.unicodeScalars.append(contentsOf: scalars)
    return result
  }
}

extension JSONValue {
  /// The value that Foundation has read.
  fileprivate init(_ tree: JSONTree) {
    switch tree {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .number: self = .number
    case .string(let text): self = .string(text)
    case .array(let elements): self = .array(elements.map(JSONValue.init))
    case .object(let members): self = .object(members.mapValues(JSONValue.init))
    }
  }

  /// The value, with strings as their scalars: `==` takes two ways of writing an accent for one.
  fileprivate var exact: String {
    switch self {
    case .null, .bool, .number, .unread, .malformed, .tooDeep: kind
    case .string(let text): "\(text.unicodeScalars.map(\.value))"
    case .array(let elements): "[\(elements.map(\.exact).joined(separator: ","))]"
    case .object(let members):
      "{\(members.map { "\($0.unicodeScalars.map(\.value)):\($1.exact)" }.sorted())}"
    }
  }
}

/// A value as a decoder gives it.
private struct WholeValue: Decodable {
  var value: JSONValue

  init(from decoder: any Decoder) throws {
    value = try JSONValue(from: decoder, as: EventShape.everything)
  }
}

/// Whether Foundation may go its own way.
///
/// On Linux it refuses some zeros with an exponent, such as `0e1`, and accepts a comma behind the
/// last element. The tables have both.
private func isDisputed(_ text: String) -> Bool {
  text.contains(/(^|[^0-9.])0(\.0*)?[eE]/) || text.contains(/,\s*[\]}]/)
}

/// The value that Foundation reads, or `nil` if it refuses.
private func foundation(_ text: String) -> JSONValue? {
  (try? JSONTree(json: text)).map(JSONValue.init)
}

@Suite("Text that is read as JSON")
struct JSONReaderTests {
  @Test(
    "A text of JSON gives its value",
    arguments: [
      ("null", .null), (" true ", .bool(true)), ("false", .bool(false)), ("-0", .number),
      ("1.5e+3", .number), ("1E400", .number), ("0e1", .number), ("\"\"", .string("")),
      ("[]", .array([])),
      ("{}", .object([:])), (#""\u00e9\/\b\f\n\r\t""#, .string("\u{E9}/\u{8}\u{C}\n\r\t")),
      (#""\uD834\uDD1E""#, .string("\u{1D11E}")), (#""\u0000""#, .string("\u{0}")),
      ("[1,[2,{\"a\":[]}]]", .array([.number, .array([.number, .object(["a": .array([])])])])),
      (
        "\t{ \"a\" :\n1 ,\"b\":\r[ true , null ]} ",
        .object(["a": .number, "b": .array([.bool(true), .null])])
      ),
    ] as [(String, JSONValue)])
  func values(_ text: String, _ value: JSONValue) throws {
    #expect(try JSONReader.read(text, as: EventShape.everything) == value)
  }

  @Test(
    "A text that is not JSON is refused at the place where it ceases to be",
    arguments: [
      ("", 0), (" ", 1), ("nul", 3), ("nulls", 4), ("True", 0), ("1 2", 2), ("01", 1), ("+1", 0),
      ("-", 1), ("1.", 2), (".5", 0), ("1e", 2), ("1e+", 3), ("0x1", 1), ("NaN", 0), ("\"", 1),
      ("\"a", 2), ("'a'", 0), ("\"\t\"", 1), ("\"\u{0}\"", 1), (#""\x""#, 2), (#""\u12""#, 5),
      (#""\u12g4""#, 5), (#""\uD800""#, 2), (#""\uD800\n""#, 2), (#""\uD800\u0041""#, 2),
      (#""\uDC00""#, 2), (#""\uD83D\uD83D""#, 2), ("[", 1), ("[1", 2), ("[1,", 3), ("[1,]", 3),
      ("[1, \r\n]", 6),
      ("[,1]", 1), ("[1 2]", 3), ("]", 0), ("{", 1), ("{\"a\"", 4), ("{\"a\":", 5),
      ("{\"a\":1,}", 7), ("{a:1}", 1), ("{\"a\" 1}", 5), ("{1:2}", 1), ("[1}", 2), ("{\"a\":1]", 6),
      ("{\"a\":1,\"a\":2}", 7), ("{\"a\":1,\"\\u0061\":2}", 7), ("\u{FEFF}1", 0), ("1//", 1),
      ("[1]/**/", 3), ("\u{A0}1", 0), ("{\"a\":{\"b\":}}", 10),
    ])
  func refusals(_ text: String, _ offset: Int) {
    #expect(throws: JSONFault(offset: offset)) {
      try JSONReader.read(text, as: EventShape.everything)
    }
  }

  @Test("A text of JSON may be 64 deep, and no deeper", arguments: ["[]", "{}"])
  func depth(_ brackets: String) throws {
    let (first, last) = brackets == "[]" ? ("[", "]") : ("{\"a\":", "}")
    let nested = { (depth: Int) in
      String(repeating: first, count: depth) + "1" + String(repeating: last, count: depth)
    }
    _ = try JSONReader.read(nested(64), as: EventShape.everything)
    #expect(throws: JSONFault.self) { try JSONReader.read(nested(65), as: EventShape.everything) }
    #expect(throws: JSONFault.self) {
      try JSONReader.read(nested(200_000), as: EventShape.everything)
    }
    // Depth is not width.
    let wide = "[" + String(repeating: "[],", count: 999) + "1]"
    #expect(try JSONReader.read(wide, as: EventShape.everything) != .null)
  }

  @Test("A text of JSON gives the value that Foundation gives, whichever way it is written")
  func fuzzValid() throws {
    var maker = JSONMaker()
    for _ in 0..<2_000 {
      let text = maker.value()
      if isDisputed(text) { continue }
      let value = try #require(foundation(text), "\(text.debugDescription)")
      #expect(
        try JSONReader.read(text, as: EventShape.everything).exact == value.exact,
        "\(text.debugDescription)")
      let decoded = try JSONDecoder().decode(WholeValue.self, from: Data(text.utf8)).value
      #expect(decoded.exact == value.exact, "\(text.debugDescription)")
      // Only checked, it is judged alike.
      #expect(throws: Never.self) { try JSONReader.read(text, as: EventShape.presence) }
    }
  }

  @Test("A damaged text of JSON is refused where Foundation refuses it, and only there")
  func fuzzDamaged() {
    var maker = JSONMaker()
    var (accepted, refused) = (0, 0)
    for _ in 0..<5_000 {
      let text = maker.damaged(maker.value())
      if isDisputed(text) { continue }
      let value = try? JSONReader.read(text, as: EventShape.everything)
      if value == nil { refused += 1 } else { accepted += 1 }
      #expect(value?.exact == foundation(text)?.exact, "\(text.debugDescription)")
      let isAccepted = (try? JSONReader.read(text, as: EventShape.presence)) != nil
      #expect(isAccepted == (value != nil), "\(text.debugDescription)")
    }
    #expect(accepted > 500)
    #expect(refused > 500)
  }
}
