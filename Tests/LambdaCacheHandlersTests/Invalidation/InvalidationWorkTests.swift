import Foundation
import LambdaCacheText
import Testing

@testable import LambdaCacheHandlers

/// How much an event makes its reader do, in questions asked of a decoder, and large texts, which a
/// reader that took more than linear time would not get through.
@Suite("Reading an event that invalidates", .timeLimit(.minutes(10)))
struct InvalidationWorkTests {
  private static func nested(_ depth: Int) -> JSONTree {
    (0..<depth).reduce(JSONTree.number(1)) { tree, _ in .array([tree]) }
  }

  private static func bridgeEvent(beside junk: [JSONTree]) -> JSONTree {
    .object([
      "id": .string("e1"), "resources": .array(junk),
      "detail": .object([
        "shop": .array(junk), "invalidate": .object(["keys": .array([.string("a")])]),
      ]),
    ])
  }

  private static func work(
    _ tree: JSONTree, _ read: (CountingDecoder) throws -> Void
  ) throws -> DecodingWork {
    let work = DecodingWork()
    try read(CountingDecoder(tree, work))
    return work
  }

  @Test("Reading an invalidation skips what is beside the message, however deep and wide")
  func unread() throws {
    let plain = try Self.work(Self.bridgeEvent(beside: [])) { decoder in
      let event = try InvalidationEvent(from: decoder)
      #expect(event.result(by: []).invalidations == [.key("a")])
    }
    let junk = [JSONTree](repeating: Self.nested(400), count: 20)
    let full = try Self.work(Self.bridgeEvent(beside: junk)) { decoder in
      let event = try InvalidationEvent(from: decoder)
      #expect(event.result(by: []).invalidations == [.key("a")])
    }
    #expect(full.steps == plain.steps)
    #expect(full.errors == 0)
    #expect(full.depth == 4)
  }

  private static func change(_ attributes: [String: JSONTree]) -> JSONTree {
    .object([
      "eventName": .string("MODIFY"), "awsRegion": .string("eu-central-1"),
      "eventSourceARN": .string("arn:aws:dynamodb:r:1:table/users/stream/t"),
      "userIdentity": Self.nested(100),
      "dynamodb": .object([
        "SequenceNumber": .string("1"), "Keys": .object(["id": .object(["N": .string("42")])]),
        "OldImage": .object(attributes), "NewImage": .object(attributes),
      ]),
    ])
  }

  @Test("Reading a DynamoDB stream asks only about types of attributes, and never in vain")
  func attributes() throws {
    let flat: [String: JSONTree] = ["a": .object(["S": .string("x")]), "b": .object(["M": .null])]
    let deep: [String: JSONTree] = [
      "a": .object(["S": .string("x")]), "b": .object(["M": Self.nested(300)]),
    ]
    let works = try [(flat, 1), (deep, 1), (deep, 2), (deep, 201)].map { attributes, count in
      let records = [JSONTree](repeating: Self.change(attributes), count: count)
      return try Self.work(.object(["Records": .array(records)])) { decoder in
        let event = try InvalidationEvent(from: decoder)
        let batch = event.result(by: [DynamoDBKeyRule(attributes: ["id"])])
        #expect(batch.invalidations == [CacheInvalidation](repeating: .key("42"), count: count))
      }
    }
    #expect(works.map(\.errors) == [0, 0, 0, 0])
    #expect(works[0].steps == works[1].steps)
    let each = works[2].steps - works[1].steps
    #expect(each < 60)
    #expect(works[3].steps == works[1].steps + 200 * each)
  }

  @Test("Reading a DynamoDB stream asks once about what is no attribute, or of a wrong type")
  func wrongAttributes() throws {
    for wrong in [JSONTree.number(1), .array([.null]), .object(["S": .number(7)])] {
      let attributes = (0..<100).map { ("a\($0)", wrong) }
      let item = Dictionary(uniqueKeysWithValues: attributes)
      let tree = JSONTree.object(["Records": .array([Self.change(item)])])
      let work = try Self.work(tree) { decoder in
        let event = try InvalidationEvent(from: decoder)
        let batch = event.result(by: [DynamoDBKeyRule(attributes: ["a7"])])
        #expect(batch.errors.map(\.path) == ["dynamodb.OldImage.a7"])
      }
      // Two images, and at most two questions for each attribute: whether it is one, and its text.
      #expect(work.errors <= 400)
    }
  }

  @Test("Reading an invalidation stops at the first element that is no text, after few questions")
  func wrongElements() throws {
    for wrong in [JSONTree.number(1), .null, .bool(true), .array([]), .object([:])] {
      let tree = JSONTree.object([
        "detail": .object([
          "invalidate": .object([
            "tags": .array([.string("t")] + [JSONTree](repeating: wrong, count: 1000))
          ])
        ])
      ])
      let work = try Self.work(tree) { decoder in
        let event = try InvalidationEvent(from: decoder)
        #expect(event.result(by: []).errors.map(\.path) == ["detail.invalidate.tags[1]"])
      }
      #expect(work.errors <= 6)
      #expect(work.steps < 40)
    }
  }

  @Test("Reading an invalidation takes 10,000 records, which are the most there are, and no more")
  func recordLimit() throws {
    for count in [9_999, 10_000, 10_001, 20_000] {
      let records = JSONTree.array([JSONTree](repeating: .null, count: count))
      let work = DecodingWork()
      let decoder = CountingDecoder(.object(["Records": records]), work)
      if count <= 10_000 {
        let event = try InvalidationEvent(from: decoder)
        #expect(event.result(by: []).errors.count == count)
      } else {
        let error = try #require(throws: DecodingError.self) {
          try InvalidationEvent(from: decoder)
        }
        #expect("\(error)".contains("Records has more than 10000 elements"))
        #expect(work.steps < 10)
      }
    }
  }

  @Test(
    "Reading an invalidation of a text takes 10,000 records as well, and no more",
    arguments: [10_000, 10_001])
  func recordLimitOfText(_ count: Int) throws {
    let records = [String](repeating: "null", count: count).joined(separator: ",")
    let text = #"{"Records": [\#(records)]}"#
    if count <= 10_000 {
      #expect(try InvalidationEvent(json: text).result(by: []).errors.count == count)
    } else {
      let error = #expect(throws: InvalidationError.self) { try InvalidationEvent(json: text) }
      #expect(error?.path == "Records")
    }
  }

  @Test("Reading an invalidation takes eight notifications in envelopes, and refuses nine by name")
  func envelopes() throws {
    var text = #"{"invalidate": {"keys": ["a"]}}"#
    for count in 1...10 {
      text = #"{"TopicArn": "", "Message": \#(quoted(text))}"#
      if count <= 8 {
        #expect(try InvalidationMessage(json: text).invalidations == [.key("a")])
      } else {
        let error = #expect(throws: InvalidationError.self) { try InvalidationMessage(json: text) }
        #expect(error?.problem == .tooManyEnvelopes(limit: 8))
        #expect(error?.path == [String](repeating: "Message", count: 9).joined(separator: "."))
      }
    }
  }

  @Test(
    "Reading an invalidation that is too deep is refused with the place",
    arguments: [64, 65, 20_000])
  func depth(_ depth: Int) throws {
    let lists = String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1)
    let text = #"{"invalidate": {"keys": ["a"]}, "x": \#(lists)}"#
    if depth <= 64 {
      #expect(try InvalidationMessage(json: text).invalidations == [.key("a")])
    } else {
      let error = #expect(throws: InvalidationError.self) { try InvalidationMessage(json: text) }
      // The outermost object is the first of the 64.
      #expect(error?.problem == .tooDeep(limit: 64, offset: 37 + 63))
      #expect(error?.description.contains("at byte 100; accepted: at most 64") == true)
    }
  }

  @Test(
    "Reading an invalidation from a decoder is as deep as a text may be",
    arguments: [60, 61, 62, 63, 200])
  func decodedDepth(_ details: Int) throws {
    let message = JSONTree.object(["invalidate": .object(["keys": .array([.string("a")])])])
    let tree = (0..<details).reduce(message) { tree, _ in
      .object(["detail-type": .string("t"), "detail": tree])
    }
    let work = try Self.work(.object(["detail": tree])) { decoder in
      let batch = try InvalidationEvent(from: decoder).result(by: [])
      if details <= 60 {
        #expect(batch.invalidations == [.key("a")])
      } else {
        #expect(batch.errors.map(\.problem) == [.tooDeep(limit: 64, offset: nil)])
        #expect(batch.errors.first?.path.hasPrefix("detail.detail.") == true)
      }
    }
    #expect(work.depth <= 65)
    #expect(work.steps < 1000)
  }

  @Test(
    "Reading some hundred KB of invalidations comes to an end, whatever they are made of",
    arguments: [
      ("a string", "\"\(String(repeating: "x", count: 300_000))\""),
      ("escapes", "\"\(String(repeating: "\\u00e9\\n", count: 40_000))\""),
      ("a number", String(repeating: "7", count: 300_000)),
      ("numbers", "[\(String(repeating: "1,", count: 120_000))1]"),
      ("lists", "[\(String(repeating: "[[]],", count: 60_000))1]"),
      ("members", "{\((0..<15_000).map { "\"member \($0)\":null" }.joined(separator: ","))}"),
      ("blanks", String(repeating: " ", count: 300_000) + "1"),
    ])
  func largeTexts(_ name: String, _ text: String) throws {
    for place in [#"{"x": \#(text), "invalidate": {"all": true}}"#] {
      #expect(try InvalidationMessage(json: place).invalidations == [.all])
    }
    let unknown = #"{"invalidate": {"x": \#(text)}}"#
    let error = #expect(throws: InvalidationError.self) { try InvalidationMessage(json: unknown) }
    #expect(error?.path == "invalidate.x")
  }

  @Test("Reading an invalidation keeps numbers that no type can take, wherever they are")
  func largeNumbers() throws {
    for number in ["1E400", String(repeating: "7", count: 100_000)] {
      let beside = #"{"id": "e", "detail": {"n": \#(number), "invalidate": {"all": true}}}"#
      let decoder = JSONDecoder()
      let event = try decoder.decode(InvalidationEvent.self, from: Data(beside.utf8))
      #expect(event.result(by: []).invalidations == [.all])
      let within = #"{"Records": [{"body": \#(number)}, {"body": "{\"invalidate\":{}}"}]}"#
      let records = try decoder.decode(InvalidationEvent.self, from: Data(within.utf8))
      #expect(
        records.result(by: []).errors.map(\.problem)
          == [.mismatch(found: "a number", accepted: "a string")])
    }
  }

  @Test("Reading an invalidation notices a second member of a name among those it reads")
  func duplicates() throws {
    for text in [
      #"{"invalidate": {}, "invalidate": {}}"#, #"{"invalidate": {"keys": [], "k\u0065ys": []}}"#,
      #"{"invalidate": {"x": 1, "x": 2}}"#,
    ] {
      #expect(throws: InvalidationError.self) { try InvalidationMessage(json: text) }
    }
    let beside = #"{"x": 1, "x": {"y": 1, "y": 2}, "invalidate": {"all": true}}"#
    #expect(try InvalidationMessage(json: beside).invalidations == [.all])
  }
}
