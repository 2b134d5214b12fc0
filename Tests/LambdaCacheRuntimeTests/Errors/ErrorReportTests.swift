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
    #expect(members["stackTrace"] as? [String] == [])
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

  @Test(
    "An error report is cut between two characters when it is too long",
    arguments: ["a", "é", "€", "😀"])
  func longMessage(_ character: String) throws {
    let report = ErrorReport(
      type: "T", message: "x" + String(repeating: character, count: 70_000))
    let width = character.utf8.count
    #expect(report.message.utf8.count <= 65_536)
    #expect(report.message.utf8.count > 65_536 - width)
    #expect(report.message.dropFirst().allSatisfy { String($0) == character })
    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(report.json)) }
  }
}
