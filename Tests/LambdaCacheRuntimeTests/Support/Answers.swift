import TestSupport

@testable import LambdaCacheRuntime

/// Answers of the Runtime API, as bytes.
enum Answer {
  static let requestID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"

  /// 202, as after every post.
  static let accepted = plain(status: "202 Accepted", body: #"{"status":"OK"}"#)

  /// The answer to `next` with which most scripts end: `run` throws `Answer.end`.
  static let final = plain(status: "500 Internal Server Error", body: "end of script")

  /// The error that `run` throws after `final`.
  static let end = LambdaRuntimeError(
    operation: .next, reason: .refused(status: 500, message: "end of script"))

  static func plain(status: String, fields: String = "", body: String) -> [UInt8] {
    Array(
      "HTTP/1.1 \(status)\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
  }

  /// A deadline that no test lives to see, in the year 2100.
  static let deadline: Int64 = 4_102_444_800_000

  /// The header fields that every event has.
  static func eventFields(
    requestID: String = requestID, deadlineMilliseconds: Int64 = deadline
  ) -> String {
    "Lambda-Runtime-Aws-Request-Id: \(requestID)\r\n"
      + "Lambda-Runtime-Deadline-Ms: \(deadlineMilliseconds)\r\n"
  }

  /// An event with a `Content-Length`.
  static func event(
    _ body: [UInt8], requestID: String = requestID, fields: String = "",
    deadlineMilliseconds: Int64 = deadline
  ) -> [UInt8] {
    let always = eventFields(requestID: requestID, deadlineMilliseconds: deadlineMilliseconds)
    let head = "HTTP/1.1 200 OK\r\n\(always)\(fields)Content-Length: \(body.count)\r\n\r\n"
    return Array(head.utf8) + body
  }

  static func event(_ body: String, requestID: String = requestID, fields: String = "") -> [UInt8] {
    event(Array(body.utf8), requestID: requestID, fields: fields)
  }

  /// An event in chunks.
  static func chunkedEvent(_ body: [UInt8], chunkSize: Int) -> [UInt8] {
    let head = "HTTP/1.1 200 OK\r\n\(eventFields())Transfer-Encoding: chunked\r\n\r\n"
    return Array(head.utf8) + chunked(body, chunkSize: chunkSize)
  }

  static func chunked(_ body: [UInt8], chunkSize: Int) -> [UInt8] {
    var output: [UInt8] = []
    var rest = body[...]
    while !rest.isEmpty {
      let chunk = rest.prefix(chunkSize)
      rest = rest.dropFirst(chunkSize)
      output += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + Array("\r\n".utf8)
    }
    return output + Array("0\r\n\r\n".utf8)
  }
}

extension FakeRuntimeAPI {
  /// A server that sends these events on one connection, accepts what is posted after each, and
  /// ends with `Answer.final`.
  convenience init(sending events: String...) throws {
    let steps = events.flatMap { event in
      [Step.answer(Answer.event(event)), .answer(Answer.accepted)]
    }
    try self.init(connections: [steps + [.answer(Answer.final)]])
  }
}

extension LambdaRuntime {
  /// A runtime that talks to a fake server, with pauses that do not make tests slow and limits that
  /// no healthy exchange reaches on a loaded machine.
  init(
    _ server: FakeRuntimeAPI, environment: [String: String] = [:],
    inactivity: Duration = unreachedTime
  ) throws {
    try self.init(environment: server.environment.merging(environment) { $1 })
    timeouts = .patient(inactivity: inactivity)
  }
}
