import Foundation
import Testing

@testable import LambdaCacheHTTP

@Suite("A part of an event that has no fixed form", .timeLimit(.minutes(10)))
struct EventValueTests {
  private static func decode(_ text: String) throws -> EventValue {
    try JSONDecoder().decode(EventValue.self, from: Data(text.utf8))
  }

  @Test(
    "is read as what it is, and written as it was",
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

  @Test("may be 64 deep, and no deeper, whatever it is made of", arguments: ["[]", "{}"])
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
}
