import Foundation
import Testing

@testable import LambdaCacheRuntime

private struct Plain: Error {
  var detail = 7
}

private enum Coded: Error {
  case notFound(String)
}

private struct Named: LambdaFunctionError {
  var errorType = "UserNotFound"
  var errorMessage = "no user named \"x\""
  var stackTrace = ["a.swift:1", "b.swift:2"]
}

private struct HalfNamed: LambdaFunctionError {
  var errorMessage: String { "half" }
}

@Suite("An error report")
struct ErrorReportTests {
  @Test("An error report is valid JSON with the three members that Lambda defines")
  func members() throws {
    let object = try JSONSerialization.jsonObject(with: Data(ErrorReport(Named()).json))
    let members = try #require(object as? [String: Any])
    #expect(Set(members.keys) == ["errorMessage", "errorType", "stackTrace"])
    #expect(members["errorMessage"] as? String == "no user named \"x\"")
    #expect(members["errorType"] as? String == "UserNotFound")
    #expect(members["stackTrace"] as? [String] == ["a.swift:1", "b.swift:2"])
  }

  @Test(
    "An error report has the words of the error, or its type and description",
    arguments: [
      (Named(), "UserNotFound", "no user named \"x\""), (HalfNamed(), "HalfNamed", "half"),
      (Plain(), "Plain", "Plain(detail: 7)"), (Coded.notFound("x"), "Coded", "notFound(\"x\")"),
      (CancellationError(), "CancellationError", "CancellationError()"),
    ] as [(any Error, String, String)])
  func words(error: any Error, type: String, message: String) {
    let report = ErrorReport(error)
    #expect(report.type == type)
    #expect(report.message == message)
  }

  @Test(
    "An error report is filed under the function unless it says otherwise",
    arguments: [
      ("UserNotFound", "Function.UserNotFound"), ("Function.Late", "Function.Late"),
      ("Runtime.InvalidEvent", "Runtime.InvalidEvent"), ("", "Function."),
    ])
  func category(type: String, category: String) {
    #expect(ErrorReport(type: type, message: "").category == category)
  }

  @Test("An error report keeps as many frames as fit, to the byte and to the frame")
  func stackTraces() {
    let frame = String(repeating: "f", count: 1024)
    func kept(_ frames: [String]) -> Int {
      ErrorReport(type: "T", message: "", stackTrace: frames).stackTrace.count
    }
    #expect(kept([String](repeating: frame, count: 64)) == 64)
    #expect(kept([String](repeating: frame, count: 64) + ["f"]) == 64)
    #expect(kept([String](repeating: frame, count: 63) + [frame + "f"]) == 63)
    #expect(kept([String](repeating: "f", count: 1025)) == 1024)
  }

  @Test(
    "An error report is cut between two characters when it is too long",
    arguments: ["a", "é", "€", "😀"])
  func longMessage(_ character: String) throws {
    let report = ErrorReport(
      type: "T", message: "x" + String(repeating: character, count: 70_000),
      stackTrace: Array(repeating: String(repeating: "f", count: 1000), count: 100))
    let width = character.utf8.count
    #expect(report.message.utf8.count <= 65_536)
    #expect(report.message.utf8.count > 65_536 - width)
    #expect(report.message.dropFirst().allSatisfy { String($0) == character })
    #expect(report.stackTrace.count == 65)
    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(report.json)) }
  }
}

@Suite("A JSON string")
struct JSONStringTests {
  private func literal(_ text: String) -> String {
    var output: [UInt8] = []
    JSONString.append(text, to: &output)
    return String(decoding: output, as: UTF8.self)
  }

  @Test(
    "A JSON string is written as RFC 8259 has it",
    arguments: [
      ("", #""""#), ("plain", #""plain""#), ("\"", #""\"""#), ("\\", #""\\""#), ("/", #""/""#),
      ("\n\r\t\u{8}\u{C}", #""\n\r\t\b\f""#), ("\0", #""\u0000""#), ("\u{1B}", #""\u001b""#),
      ("\u{1F}\u{20}", #""\u001f ""#), ("\u{7F}", "\"\u{7F}\""), ("é€😀", "\"é€😀\""),
      ("\u{2028}", "\"\u{2028}\""), ("e\u{301}", "\"e\u{301}\""),
    ])
  func escapes(text: String, expected: String) {
    #expect(Array(literal(text).utf8) == Array(expected.utf8))
  }

  @Test(
    "A JSON string is read back by another implementation, for every scalar of the first planes")
  func roundTrip() throws {
    for start in stride(from: UInt32(0), to: 0x2_0000, by: 0x400) {
      var text = ""
      for value in start..<(start + 0x400) {
        if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
      }
      let array = try JSONSerialization.jsonObject(with: Data("[\(literal(text))]".utf8))
      let read = try #require((array as? [String])?.first)
      #expect(Array(read.unicodeScalars) == Array(text.unicodeScalars), "from U+\(start)")
    }
  }

  @Test(
    "A JSON string of bytes that are not Unicode has them replaced, never passed on",
    arguments: [
      [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xFF], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82],
    ]
      as [[UInt8]])
  func invalidUnicode(bytes: [UInt8]) throws {
    let written = literal(String(decoding: bytes, as: UTF8.self))
    let array = try JSONSerialization.jsonObject(with: Data("[\(written)]".utf8))
    #expect((array as? [String])?.first?.contains("\u{FFFD}") == true)
  }
}
