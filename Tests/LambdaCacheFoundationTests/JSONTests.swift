import LambdaCacheFoundation
import Testing

@Suite("Handlers of JSON documents")
struct JSONTests {
  struct Request: Codable, Equatable {
    var name: String
    var limit: Int?
  }

  struct Response: Codable {
    var greeting: String
  }

  @Test("An event is decoded, the context passed on, and the answer encoded")
  func roundTrip() async throws {
    let handler = json { (request: Request, context: Int) in
      Response(greeting: "\(request.name) \(request.limit ?? -1) \(context)")
    }
    let answer = try await handler([UInt8](#"{"name":"Zoë","limit":3}"#.utf8), 7)
    #expect(String(decoding: answer, as: UTF8.self) == #"{"greeting":"Zoë 3 7"}"#)
  }

  @Test("An answer may be a single value")
  func fragment() async throws {
    let handler = json { (numbers: [Int], _: String) in numbers.reduce(0, +) }
    #expect(try await handler([UInt8]("[1,2,39]".utf8), "") == [UInt8]("42".utf8))
  }

  @Test("A handler without an answer answers null")
  func withoutAnswer() async throws {
    let handler = json { (request: Request, context: Int) in
      #expect(request == Request(name: "a", limit: nil))
      #expect(context == 1)
    }
    #expect(try await handler([UInt8](#"{"name":"a"}"#.utf8), 1) == [UInt8]("null".utf8))
  }

  @Test(
    "An event of another form is a decoding error and does not reach the handler",
    arguments: ["", "{", "[]", #"{"nam":"a"}"#, #"{"name":1}"#, "\u{0}"])
  func malformed(event: String) async {
    let handler = json { (request: Request, _: Int) in
      Issue.record("the handler got \(request)")
      return request
    }
    await #expect(throws: DecodingError.self) { try await handler([UInt8](event.utf8), 1) }
  }

  @Test("An error of the handler arrives unchanged")
  func failure() async {
    struct Failure: Error, Equatable {
      var code: Int
    }
    let handler = json { (_: Request, code: Int) -> Response in throw Failure(code: code) }
    await #expect(throws: Failure(code: 5)) {
      try await handler([UInt8](#"{"name":"a"}"#.utf8), 5)
    }
  }

  @Test("An answer without a JSON form is an encoding error")
  func unencodable() async {
    let handler = json { (_: Request, _: Int) in Double.nan }
    await #expect(throws: EncodingError.self) {
      try await handler([UInt8](#"{"name":"a"}"#.utf8), 0)
    }
  }
}
