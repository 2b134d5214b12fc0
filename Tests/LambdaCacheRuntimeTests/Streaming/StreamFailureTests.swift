import Foundation
import Testing

@testable import LambdaCacheRuntime

@Suite("A streamed response that fails", .timeLimit(.minutes(15)))
struct StreamFailureTests {
  @Test("before anything was sent is an error like any other")
  func beforeStart() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("")), .answer(Answer.accepted), .answer(Answer.final)]
    ])
    let end = try await LambdaRuntime(server).failureOfStreaming { _, _, _ in throw StreamBroke() }
    #expect(end == Answer.end)
    #expect(server.requests[1].line.contains("/\(Answer.requestID)/error "))
    #expect(
      server.requests[1].message.text
        == #"{"errorMessage":"the stream broke","errorType":"StreamBroke","stackTrace":[]}"#)
    #expect(server.requests.allSatisfy { $0.connection == 0 })
  }

  @Test("later carries the error in its trailers, and the next event is asked for")
  func midStream() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("")), .answer(Answer.accepted)], [.answer(Answer.final)],
    ])
    let end = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
      try await response.write("half")
      throw StreamBroke()
    }
    #expect(end == Answer.end)
    let message = server.requests[1].message
    #expect(message.text == "half")
    #expect(
      message.trailers["lambda-runtime-function-error-type"] == "Function.StreamBroke")
    let body = try #require(message.trailers["lambda-runtime-function-error-body"])
    let json = try #require(Data(base64Encoded: body))
    #expect(
      String(decoding: json, as: UTF8.self)
        == #"{"errorMessage":"the stream broke","errorType":"StreamBroke","stackTrace":[]}"#)
  }

  @Test(
    "with a long error has trailers that a Go server takes",
    arguments: ["x", "\"", "\0", "é", "👩‍👩‍👧‍👧"])
  func longTrailers(unit: String) async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("")), .answer(Answer.accepted)], [.answer(Answer.final)],
    ])
    let end = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
      try await response.write("half")
      throw StreamBroke(errorMessage: String(repeating: unit, count: 60_000))
    }
    #expect(end == Answer.end)
    let trailers = server.requests[1].message.trailers
    let lengths = trailers.map { $0.key.utf8.count + $0.value.utf8.count + 4 }
    #expect(lengths.reduce(2, +) <= 4096)
    let body = try #require(trailers["lambda-runtime-function-error-body"])
    let json = try #require(Data(base64Encoded: body))
    let object = try JSONSerialization.jsonObject(with: json) as? [String: Any]
    let message = try #require(object?["errorMessage"] as? String)
    // As much as fits, and whole characters of Unicode.
    #expect(json.count > 2500)
    #expect(
      String(repeating: unit, count: 60_000).unicodeScalars.starts(with: message.unicodeScalars))
  }

  @Test("because the connection breaks ends the loop with what broke it")
  func brokenConnection() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("")), .resetAfterOneChunk], [.answer(Answer.final)],
    ])
    var seen: LambdaResponseError?
    let error = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
      do {
        try await response.write("one")
        await server.waitUntilClosed(connection: 0)
        while true { try await response.write("more") }
      } catch let failure as LambdaResponseError {
        seen = failure
        throw failure
      }
    }
    #expect(error?.operation == .response)
    guard case .connectionLost = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(seen == error.map { .broken($0) })
    #expect(server.requests.count == 2)
  }

  @Test("stays failed, also when the handler does not mind")
  func brokenAndIgnored() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("")), .resetAfterOneChunk], [.answer(Answer.final)],
    ])
    let error = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
      try await response.write("one")
      await server.waitUntilClosed(connection: 0)
      var errors: [LambdaResponseError] = []
      while errors.count < 3 {
        do throws(LambdaResponseError) {
          try await response.write("more")
        } catch {
          errors.append(error)
        }
      }
      #expect(Set(errors.map(\.description)).count == 1)
    }
    #expect(error?.operation == .response)
  }

  @Test("because Lambda finds it too large leaves the environment in service")
  func tooLarge() async throws {
    let refusal = Answer.plain(
      status: "413 Content Too Large", fields: "Connection: close\r\n", body: "large")
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("")), .answerAfterOneChunk(refusal)], [.answer(Answer.final)],
    ])
    let expected = LambdaResponseError.broken(
      LambdaRuntimeError(operation: .response, reason: .refused(status: 413, message: "large")))
    let end = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
      let error = await failure { while true { try await response.write("more") } }
      #expect(error == expected)
    }
    #expect(end == Answer.end)
  }

  @Test("because its end is refused ends the loop with the API's words")
  func refused() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("")), .answer(Answer.plain(status: "403 Forbidden", body: "late"))]
    ])
    let expected = LambdaRuntimeError(
      operation: .response, reason: .refused(status: 403, message: "late"))
    let end = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
      let fault = await failure {
        try await response.finish()
      }
      #expect(fault == .broken(expected))
    }
    #expect(end == expected)
  }

  @Test("because nobody takes it waits, keeps no more than the system does, and ends in time")
  func backPressure() async throws {
    let server = try FakeRuntimeAPI(connections: [[.answer(Answer.event("")), .hold]])
    defer { server.release() }
    var runtime = try LambdaRuntime(server, inactivity: .milliseconds(10))
    runtime.timeouts.exchange = .milliseconds(100)
    var written = 0
    let expected = LambdaRuntimeError(
      operation: .response, reason: .timedOut(after: .milliseconds(100)))
    let end = await runtime.failureOfStreaming { _, _, response in
      let fault = await failure {
        while written < 256 {
          try await response.write([UInt8](repeating: 0, count: 1 << 20))
          written += 1
        }
      }
      #expect(fault == .broken(expected))
    }
    #expect(end == expected)
    #expect(written < 64)
  }
}
