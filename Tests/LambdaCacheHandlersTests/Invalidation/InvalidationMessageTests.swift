import Foundation
import LambdaCacheText
import Testing

@testable import LambdaCacheHandlers

extension InvalidationMessage {
  /// Reads a message as the first record of an event.
  init(json text: String) throws(InvalidationError) {
    do {
      try self.init(text: text, path: "")
    } catch {
      throw error.inRecord(0, identifier: nil)
    }
  }
}

/// A text as a JSON string.
func quoted(_ text: String) -> String {
  var json = JSONWriter()
  json.append(string: text)
  return String(decoding: json.bytes, as: UTF8.self)
}

@Suite("A message that invalidates")
struct InvalidationMessageTests {
  private static let message = #"{"invalidate":{"keys":["a"]}}"#
  private static let event =
    #"{"version":"0","id":"1","detail-type":"t","source":"s","detail":\#(message)}"#
  private static func notification(_ message: String) -> String {
    #"{"Type":"Notification","TopicArn":"arn:aws:sns:r:1:t","Message":\#(quoted(message))}"#
  }

  @Test(
    "A message that invalidates names the keys that go",
    arguments: [
      (#"{"invalidate":{}}"#, []), (#"{"invalidate":{"all":false}}"#, []),
      (#"{"invalidate":{"all":true}}"#, [.all]), (#"{"invalidate":{"keys":[]}}"#, []),
      (
        #"{"invalidate":{"tags":["t"],"keys":["a","a\u00e9",""],"prefixes":["p#",""],"all":true}}"#,
        [.all, .key("a"), .key("a\u{E9}"), .key(""), .prefix("p#"), .prefix(""), .tag("t")]
      ),
      (#"{"id":7,"invalidate":{"keys":["a"]},"why":{"invalidate":1}}"#, [.key("a")]),
      (event, [.key("a")]), (notification(message), [.key("a")]),
      (notification(event), [.key("a")]), (notification(notification(event)), [.key("a")]),
    ] as [(String, [CacheInvalidation])])
  func readings(_ text: String, _ invalidations: [CacheInvalidation]) throws {
    #expect(try InvalidationMessage(json: text).invalidations == invalidations)
  }

  @Test(
    "A malformed message is an error that names the place and what is accepted",
    arguments: [
      ("", "", "byte 0"), ("{", "", "byte 1"), ("[]", "invalidate", "missing"),
      ("{}", "invalidate", "missing"), (#"{"Message":"{}"}"#, "invalidate", "missing"),
      (#"{"detail":{}}"#, "invalidate", "missing"), (#"{"invalidate":null}"#, "invalidate", "null"),
      (#"{"invalidate":["a"]}"#, "invalidate", "an array"),
      (#"{"invalidate":{"key":"a"}}"#, "invalidate.key", "not a known member"),
      (#"{"invalidate":{"keys":"a"}}"#, "invalidate.keys", "an array of strings"),
      (#"{"invalidate":{"keys":["a",7]}}"#, "invalidate.keys[1]", "a number"),
      (#"{"invalidate":{"tags":[["a"]]}}"#, "invalidate.tags[0]", "an array"),
      (#"{"invalidate":{"prefixes":[null]}}"#, "invalidate.prefixes[0]", "null"),
      (#"{"invalidate":{"all":"yes"}}"#, "invalidate.all", "true or false"),
      (#"{"invalidate":{"all":1}}"#, "invalidate.all", "a number"),
      (notification("{}"), "Message.invalidate", "missing"),
      (notification("{,"), "Message", "byte 1"),
      (
        notification(event.replacing("[\"a\"]", with: "7")),
        "Message.detail.invalidate.keys", "a number"
      ),
      (#"{"detail-type":"t","detail":7}"#, "detail.invalidate", "missing"),
    ])
  func errors(_ text: String, _ path: String, _ part: String) throws {
    let error = try #require(throws: InvalidationError.self) {
      try InvalidationMessage(json: text)
    }
    #expect(error.record == 0)
    #expect(error.path == path)
    #expect(error.description.hasPrefix(path.isEmpty ? "record 0" : "\(path) of record 0"))
    #expect(error.description.contains(part), "\(error)")
    #expect(error.description.contains("accepted: "))
  }

  @Test("A message in envelope upon envelope ends")
  func deepEnvelopes() throws {
    var detail = Self.message
    for _ in 0..<30 { detail = #"{"detail-type":"t","detail":\#(detail)}"# }
    #expect(try InvalidationMessage(json: detail).invalidations == [.key("a")])
    for _ in 0..<100 { detail = #"{"detail-type":"t","detail":\#(detail)}"# }
    #expect(throws: InvalidationError.self) { try InvalidationMessage(json: detail) }
  }
}
