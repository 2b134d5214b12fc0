import Testing

@testable import LambdaCacheRuntime

@Suite("An error of the runtime")
struct RuntimeErrorTests {
  @Test("An error of the runtime names the operation, and what was wrong with which values")
  func descriptions() {
    let missing = LambdaRuntimeError(
      operation: .next,
      reason: .invalidValue(name: "Lambda-Runtime-Deadline-Ms", value: nil, accepted: "a time")
    )
    #expect(
      missing.description
        == "GET /runtime/invocation/next: Lambda-Runtime-Deadline-Ms is missing; accepted: a time")
    let refused = LambdaRuntimeError(
      operation: .response, reason: .refused(status: 500, message: "no"))
    #expect(
      refused.description
        == "POST /runtime/invocation/{id}/response: refused with status 500: no")
  }

  @Test("An error of the runtime has as much of an answer's body as is worth logging")
  func refusal() {
    var head = HTTPResponseHead()
    head.status = 500
    for count in [1_024, 1_025, 100_000] {
      let answer = HTTPResponse(
        head: head, body: [UInt8](repeating: 0x78, count: count), keepsConnection: true)
      let message = String(repeating: "x", count: 1_024)
      #expect(LambdaRuntimeError.Reason.refused(answer) == .refused(status: 500, message: message))
    }
  }
}
