import Foundation
import Testing

@testable import LambdaCacheHTTP

@Suite("A part of an event that has no fixed form", .timeLimit(.minutes(10)))
struct EventValueTests {
  private static func decode(_ text: String) throws -> EventValue {
    try JSONDecoder().decode(EventValue.self, from: Data(text.utf8))
  }

  @Test(
    "A part of an event without a fixed form is read as what it is, and written as it was",
    arguments: [
      ("null", .null), ("true", .bool(true)), ("false", .bool(false)), ("0", .number(0)),
      ("1", .number(1)), ("-1.5", .number(-1.5)), (#""""#, .string("")), (#""1""#, .string("1")),
      (#""true""#, .string("true")), ("[]", .array([])), ("{}", .object([:])),
      (
        #"{"a":[1,null,{"b":"c"}]}"#,
        .object(["a": .array([.number(1), .null, .object(["b": .string("c")])])])
      ),
    ] as [(String, EventValue)])
  func values(_ text: String, _ value: EventValue) throws {
    #expect(try Self.decode(text) == value)
    #expect(String(decoding: try JSONEncoder().encode(value), as: UTF8.self) == text)
  }

  @Test(
    "A part of an event without a fixed form may be 64 deep, and no deeper, of any kinds",
    arguments: ["[]", "{}"])
  func depth(_ brackets: String) throws {
    let (first, last) = brackets == "[]" ? ("[", "]") : (#"{"a":"#, "}")
    let nested = { (depth: Int) in
      String(repeating: first, count: depth) + "1" + String(repeating: last, count: depth)
    }
    #expect(throws: Never.self) { try Self.decode(nested(64)) }
    for depth in [65, 400] {
      let error = #expect(throws: DecodingError.self) { try Self.decode(nested(depth)) }
      #expect(error.map { "\($0)" }?.contains("more than 64 arrays and objects deep") == true)
    }
    // Depth is not width.
    let wide = "[" + Array(repeating: nested(60), count: 100).joined(separator: ",") + "]"
    #expect(throws: Never.self) { try Self.decode(wide) }
  }

  private static func nested(_ depth: Int, _ first: String, _ last: String) -> String {
    String(repeating: first, count: depth) + "1" + String(repeating: last, count: depth)
  }

  /// Records of which an event may have any number, by what they are.
  private static let records = [
    nested(60, "[", "]"), nested(60, "{\"a\":", "}"), nested(30, "[{\"a\":", "}]"),
    nested(50, "[1,\"a\",true,null,{},", "]"), nested(50, "{\"n\":1,\"t\":\"\",\"a\":", "}"),
    #"{"id":{"S":"a"},"n":{"N":"1"},"l":{"L":[{"S":"x"},{"BOOL":true},{"NULL":true}]}}"#,
    #"{"L":[{"M":{"q":{"L":[{"N":"1"},{"S":""}]}}},{"N":"2"}],"e":[],"o":{}}"#,
    "1,\"a\"", "null", "null,1,null,2", "{\"a\":null,\"b\":7}",
  ]

  @Test(
    "A part of an event without a fixed form costs no more wrong guesses the more there is of it",
    arguments: records)
  func guesses(_ record: String) throws {
    let values = try [1, 1_000].map { number in
      try Self.decode("[" + Array(repeating: record, count: number).joined(separator: ",") + "]")
    }
    let count = try CountingDecoder.count(values[1])
    // As many as a few records may cost before all of their places are known.
    #expect(count.refused <= 8 * values[0].valueCount)
    #expect(count.asked <= values[1].valueCount + count.refused)
  }

  @Test(
    "A part of an event without a fixed form costs no more wrong guesses the more members it has",
    arguments: ["1", "true", "[1]"])
  func members(_ value: String) throws {
    let members = (0..<10_000).map { "\"\($0)\":\(value)" }.joined(separator: ",")
    let count = try CountingDecoder.count(try Self.decode("{" + members + "}"))
    #expect(count.refused <= 8)
  }

  @Test("The usual context of a request needs no wrong guess")
  func usualContext() throws {
    for sample in [Samples.httpAPI, Samples.restAPI, Samples.functionURL] {
      let context = try #require(try Self.decode(sample)["requestContext"])
      #expect(try CountingDecoder.count(context).refused == 0)
    }
  }

  @Test("A part of an event is guessed by its predecessor in its place, of which few are kept")
  func places() {
    var guesses = EventValueGuesses()
    #expect(guesses.kind(of: "a", depth: 1) == .string)
    guesses.note(.number(1), of: "a", depth: 1)
    guesses.note(.bool(true), of: "b", depth: 1)
    guesses.note(.array([]), of: "a", depth: 2)
    guesses.note(.null, of: "a", depth: 1)
    #expect(guesses.kind(of: "a", depth: 1) == .number)
    #expect(guesses.kind(of: "c", depth: 1) == .bool)
    #expect(guesses.kind(of: "c", depth: 2) == .array)
    for number in 0..<EventValueGuesses.nameLimit {
      guesses.note(.object([:]), of: "\(number)", depth: 3)
    }
    guesses.note(.number(1), of: "z", depth: 3)
    guesses.note(.string(""), of: "0", depth: 3)
    #expect(guesses.kind(of: "z", depth: 3) == .string)
    #expect(guesses.kind(of: "1", depth: 3) == .object)
    #expect(guesses.kind(of: "0", depth: 3) == .string)
  }
}

extension EventValue {
  /// How many values it consists of.
  fileprivate var valueCount: Int {
    switch self {
    case .null, .bool, .number, .string: 1
    case .array(let elements): elements.reduce(1) { $0 + $1.valueCount }
    case .object(let members): members.values.reduce(1) { $0 + $1.valueCount }
    }
  }
}
