import Foundation
import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHandlers

private func decode(_ text: String) throws -> InvalidationEvent {
  try JSONDecoder().decode(InvalidationEvent.self, from: Data(text.utf8))
}

/// An event by a decoder and by its text, which must come to the same.
private func result(
  of text: String, by rules: [DynamoDBKeyRule] = []
) throws -> (InvalidationResult, identifiers: [String?]) {
  let decoded = try decode(text)
  let read = try InvalidationEvent(json: text)
  let result = decoded.result(by: rules)
  #expect(read.result(by: rules) == result)
  #expect(read.records.map(\.identifier) == decoded.records.map(\.identifier))
  #expect(read.reportsFailures == decoded.reportsFailures)
  return (result, decoded.records.map(\.identifier))
}

private func sqs(_ bodies: (id: String, body: String)...) -> String {
  let records = bodies.map { id, body in
    """
    {"messageId": "\(id)", "receiptHandle": "h", "body": \(body), "attributes":
    {"ApproximateReceiveCount": "1"}, "messageAttributes": {"n": {"dataType": "Number",
    "stringValue": "1.5"}}, "md5OfBody": "0", "eventSource": "aws:sqs",
    "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:changes", "awsRegion": "eu-central-1"}
    """
  }
  return #"{"Records": [\#(records.joined(separator: ","))]}"#
}

private let message = quoted(#"{"invalidate": {"keys": ["a"]}}"#)

@Suite("An event of Amazon SQS")
struct SQSInvalidationTests {
  @Test("An event of Amazon SQS asks for the removals of its messages, in order")
  func records() throws {
    let (result, identifiers) = try result(
      of: sqs(
        ("1", message), ("2", quoted(#"{"invalidate": {"tags": ["t"], "prefixes": ["p"]}}"#))))
    #expect(result.invalidations == [.key("a"), .prefix("p"), .tag("t")])
    #expect(result.errors == [])
    #expect(result.failedIdentifiers == [])
    #expect(identifiers == ["1", "2"])
  }

  @Test("An event of Amazon SQS may carry notifications and events")
  func envelopes() throws {
    let bridge = #"{"detail-type": "t", "detail": {"invalidate": {"keys": ["b"]}}}"#
    let sns = #"{"TopicArn": "t", "Message": \#(quoted(#"{"invalidate": {"keys": ["c"]}}"#))}"#
    let both = #"{"TopicArn": "t", "Message": \#(quoted(bridge))}"#
    let (result, _) = try result(
      of: sqs(("1", quoted(bridge)), ("2", quoted(sns)), ("3", quoted(both))))
    #expect(result.invalidations == [.key("b"), .key("c"), .key("b")])
  }

  @Test("An event of Amazon SQS has its bad messages tried again, and the others not")
  func partialFailure() throws {
    let text = sqs(
      ("1", message), ("2", quoted("not JSON")), ("3", message), ("4", "7"),
      ("5", quoted(#"{"invalidate": {"keys": [1]}}"#)))
    _ = try result(of: text)
    let cache = Cache<String, Int>(byteLimit: 1 << 16)
    cache["a"] = 1
    cache["b"] = 2
    let response = try decode(text).apply(to: cache)
    #expect(cache.peekValue(forKey: "a") == nil)
    #expect(cache.peekValue(forKey: "b") == 2)
    let json = String(decoding: try JSONEncoder().encode(response), as: UTF8.self)
    #expect(
      json
        == #"{"batchItemFailures":[{"itemIdentifier":"2"},{"itemIdentifier":"4"},{"itemIdentifier":"5"}]}"#
    )
    #expect(response.json == json)
    let errors = response.errors
    #expect(errors.map(\.record) == [1, 3, 4])
    #expect(errors.map(\.identifier) == ["2", "4", "5"])
    #expect(errors.map(\.path) == ["body", "body", "body.invalidate.keys[0]"])
    #expect(errors[0].problem == .notJSON(offset: 1))
    #expect(errors[1].problem == .mismatch(found: "a number", accepted: "a string"))
    #expect(errors[2].description.hasPrefix("body.invalidate.keys[0] of record 4 (5) is a number"))
  }

  @Test(
    "An event of Amazon SQS has all messages tried again for a record without an identifier",
    arguments: [
      #"{"Records": [{"body": "{}"}]}"#, #"{"Records": [null]}"#, #"{"Records": [[]]}"#,
      #"{"Records": [{"messageId": 7}]}"#,
    ])
  func noIdentifier(_ text: String) throws {
    let (result, _) = try result(of: text)
    #expect(result.failedIdentifiers == [""])
    #expect(result.errors.first?.description.contains("record 0") == true)
  }

  @Test(
    "An event without records, detail and message invalidates nothing",
    arguments: ["{}", "[]", #"{"Records": {}}"#, "7", #"{"id": "e1"}"#, #"{"Records": null}"#])
  func noRecords(_ text: String) {
    #expect(throws: DecodingError.self) { try decode(text) }
    #expect(throws: InvalidationError.self) { try InvalidationEvent(json: text) }
  }
}

@Suite("An event of Amazon SNS or EventBridge")
struct AsynchronousInvalidationTests {
  private static func sns(_ messages: String...) -> String {
    let records = messages.map {
      """
      {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": "arn",
      "Sns": {"Type": "Notification", "MessageId": "m", "TopicArn": "arn", "Subject": null,
      "Message": \($0), "Timestamp": "2026-11-23T12:00:00.000Z", "MessageAttributes": {}}}
      """
    }
    return #"{"Records": [\#(records.joined(separator: ","))]}"#
  }

  @Test("An event of Amazon SNS asks for what its notifications ask for")
  func notifications() throws {
    let bridge = quoted(#"{"detail-type": "t", "detail": {"invalidate": {"all": true}}}"#)
    let (result, identifiers) = try result(of: Self.sns(message, bridge))
    #expect(result.invalidations == [.key("a"), .all])
    #expect(identifiers == ["m", "m"])
  }

  @Test("An event of EventBridge asks for what its detail asks for")
  func detail() throws {
    let (result, identifiers) = try result(
      of: """
        {"version": "0", "id": "e1", "detail-type": "Prices changed", "source": "shop",
        "account": "123456789012", "time": "2026-11-23T12:00:00Z", "region": "eu-central-1",
        "resources": [], "detail": {"shop": 7.5, "open": true, "invalidate": {"tags": ["prices"]}}}
        """)
    #expect(result.invalidations == [.tag("prices")])
    #expect(identifiers == ["e1"])
  }

  @Test("An event may be a message by itself, of a caller that invokes the function directly")
  func direct() throws {
    let (read, _) = try result(of: #"{"invalidate": {"keys": ["a"]}}"#)
    #expect(read.invalidations == [.key("a")])
    let cache = Cache<String, Int>(byteLimit: 1 << 16)
    let wrong = try decode(#"{"invalidate": {"key": "a"}}"#)
    #expect(throws: InvalidationError.self) { try wrong.apply(to: cache) }
  }

  @Test("An event of SNS or EventBridge fails after all removals, so that Lambda tries again")
  func applyAll() throws {
    let cache = Cache<String, Int>(byteLimit: 1 << 16)
    cache["a"] = 1
    let event = try decode(Self.sns("\"?\"", message))
    let error = try #require(throws: InvalidationError.self) { try event.apply(to: cache) }
    #expect(error.path == "Sns.Message")
    #expect(error.record == 0)
    #expect(cache.count == 0)
    #expect(try decode(Self.sns(message)).apply(to: cache).errors == [])
  }

  @Test(
    "An event of SNS or EventBridge without a required part is an error with its place",
    arguments: [
      (#"{"id": "e1", "detail": {}}"#, "detail.invalidate"),
      (#"{"id": "e1", "detail": {"invalidate": {"tag": 1}}}"#, "detail.invalidate.tag"),
      (#"{"id": "e1", "detail": null}"#, "detail.invalidate"),
    ])
  func noDetail(_ text: String, _ path: String) throws {
    let (result, _) = try result(of: text)
    #expect(result.errors.map(\.path) == [path])
    #expect(result.errors.map(\.identifier) == ["e1"])
  }
}

@Suite("An event of a DynamoDB stream", .prompt)
struct DynamoDBInvalidationTests {
  private static func stream(_ records: String...) -> String {
    #"{"Records": [\#(records.joined(separator: ","))]}"#
  }

  private static func record(
    _ name: String, _ number: Int = 1, keys: String = #"{"id": {"N": "42"}}"#, old: String? = nil,
    new: String? = nil, table: String = "users"
  ) -> String {
    let images = [("OldImage", old), ("NewImage", new)].map { name, image in
      image.map { ", \"\(name)\": \($0)" } ?? ""
    }
    return """
      {"eventID": "e\(number)", "eventName": "\(name)", "eventVersion": "1.1",
      "eventSource": "aws:dynamodb", "awsRegion": "eu-central-1",
      "dynamodb": {"ApproximateCreationDateTime": 1764000003.5, "Keys": \(keys)\(images.joined()),
      "SequenceNumber": "\(number)00", "SizeBytes": 26, "StreamViewType": "NEW_AND_OLD_IMAGES"},
      "eventSourceARN":
      "arn:aws:dynamodb:eu-central-1:123456789012:table/\(table)/stream/2026-11-23T00:00:00.000"}
      """
  }

  private func invalidations(
    _ rule: DynamoDBKeyRule, in records: String...
  ) throws -> InvalidationResult {
    try result(of: #"{"Records": [\#(records.joined(separator: ","))]}"#, by: [rule]).0
  }

  @Test(
    "An event of a DynamoDB stream names keys by the table's key, joined in order",
    arguments: ["INSERT", "MODIFY", "REMOVE"])
  func primaryKey(_ name: String) throws {
    let keys = #"{"day": {"S": "Mon"}, "id": {"N": "42"}, "blob": {"B": "AAE="}}"#
    let record = Self.record(name, keys: keys)
    let one = DynamoDBKeyRule(table: "users", attributes: ["id"]) { .key("user#\($0)") }
    #expect(try invalidations(one, in: record).invalidations == [.key("user#42")])
    let all = DynamoDBKeyRule(attributes: ["id", "day", "blob"], separator: "/")
    #expect(try invalidations(all, in: record).invalidations == [.key("42/Mon/AAE=")])
    let tag = DynamoDBKeyRule(attributes: ["day"], invalidation: CacheInvalidation.tag)
    #expect(try invalidations(tag, in: record).invalidations == [.tag("Mon")])
  }

  @Test(
    "An event of a DynamoDB stream names what an item's other attributes were and are",
    arguments: [
      ("INSERT", nil, #"{"mail": {"S": "b"}}"#, [.key("b")]),
      ("REMOVE", #"{"mail": {"S": "a"}}"#, nil, [.key("a")]),
      ("MODIFY", #"{"mail": {"S": "a"}}"#, #"{"mail": {"S": "b"}}"#, [.key("a"), .key("b")]),
      ("MODIFY", #"{"mail": {"S": "a"}}"#, #"{"mail": {"S": "a"}}"#, [.key("a")]),
      ("MODIFY", #"{}"#, #"{"mail": {"S": "b"}}"#, [.key("b")]),
      ("MODIFY", #"{"mail": {"S": "a"}}"#, #"{"mail": {"NULL": true}}"#, [.key("a")]),
      ("INSERT", nil, "{}", []),
    ] as [(String, String?, String?, [CacheInvalidation])])
  func images(
    _ name: String, _ old: String?, _ new: String?, _ expected: [CacheInvalidation]
  ) throws {
    let rule = DynamoDBKeyRule(attributes: ["mail"])
    let batch = try invalidations(rule, in: Self.record(name, old: old, new: new))
    #expect(batch.errors == [])
    #expect(batch.invalidations == expected)
  }

  @Test(
    "An event of a DynamoDB stream is an error with its place where it lacks a key",
    arguments: [
      (record("MODIFY", new: #"{"mail": {"S": "b"}}"#), "dynamodb.OldImage"),
      (record("MODIFY", old: #"{"mail": {"S": "b"}}"#), "dynamodb.NewImage"),
      (record("INSERT"), "dynamodb.NewImage"), (record("REMOVE"), "dynamodb.OldImage"),
      (record("UPSERT"), "eventName"), (record("INSERT", keys: "7"), "dynamodb.Keys"),
      (record("INSERT", new: #"{"mail": {"BOOL": true}}"#), "dynamodb.NewImage.mail"),
      (record("INSERT", new: #"{"mail": {"S": 7}}"#), "dynamodb.NewImage.mail"),
      (record("INSERT", new: #"{"mail": "b"}"#), "dynamodb.NewImage.mail"),
      (#"{"dynamodb": {"SequenceNumber": "100", "Keys": {}}}"#, "eventName"),
    ])
  func errors(_ record: String, _ path: String) throws {
    let good = Self.record("REMOVE", 2, old: #"{"mail": {"S": "z"}}"#)
    let batch = try invalidations(DynamoDBKeyRule(attributes: ["mail"]), in: record, good)
    #expect(batch.errors.map(\.path) == [path])
    #expect(batch.failedIdentifiers == ["100"])
    #expect(batch.invalidations == [.key("z")])
  }

  @Test("An event of a DynamoDB stream follows the rules of its table")
  func tables() throws {
    let event = try decode(
      Self.stream(
        Self.record("REMOVE", 1), Self.record("REMOVE", 2, table: "prices"),
        Self.record("REMOVE", 3, table: "other")))
    let users = DynamoDBKeyRule(table: "users", attributes: ["id"])
    let prices = DynamoDBKeyRule(table: "prices", attributes: ["id"]) { .key("price \($0)") }
    let tags = DynamoDBKeyRule(table: "prices", attributes: ["id"], invalidation: { .tag($0) })
    let cache = Cache<String, Int>(byteLimit: 1 << 16)
    let batch = try event.apply(to: cache, by: [users, prices, tags])
    #expect(batch.invalidations == [.key("42"), .key("price 42"), .tag("42")])
    #expect(batch.errors.map(\.path) == ["eventSourceARN"])
    #expect(batch.failedIdentifiers == ["300"])
    let all = DynamoDBKeyRule(attributes: ["id"]) { .prefix($0) }
    #expect(try event.apply(to: cache, by: [all]).errors == [])
    #expect(try event.apply(to: cache, by: [users, all]).invalidations.count == 4)
    #expect(try event.apply(to: cache, by: [users, all]).errors == [])
    #expect(try event.apply(to: cache).errors.count == 3)
  }

  @Test("A rule for a DynamoDB table that names no attribute ends the process")
  func noAttributes() async {
    await #expect(processExitsWith: .failure) { _ = DynamoDBKeyRule(attributes: []) }
  }
}
