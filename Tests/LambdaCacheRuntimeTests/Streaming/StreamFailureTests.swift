import Foundation
import TestSupport
import Testing

@testable import LambdaCacheRuntime

@Suite("A streamed response that fails", .prompt, .timeLimit(.minutes(10)))
struct StreamFailureTests {
  @Test("A streamed response that fails before anything was sent is an error like any other")
  func beforeStart() async throws {
    let server = try FakeRuntimeAPI(sending: "")
    let end = try await LambdaRuntime(server).failureOfStreaming { _, _, _ in throw StreamBroke() }
    #expect(end == Answer.end)
    #expect(try server.request(1).line.contains("/\(Answer.requestID)/error "))
    #expect(
      try server.request(1).message.text
        == #"{"errorMessage":"the stream broke","errorType":"StreamBroke","stackTrace":[]}"#)
    #expect(server.requests.allSatisfy { $0.connection == 0 })
  }

  @Test("A streamed response that fails later has the error in its trailers; the next event comes")
  func midStream() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("")), .answer(Answer.accepted)], [.answer(Answer.final)],
    ])
    let end = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
      try await response.write("half")
      throw StreamBroke()
    }
    #expect(end == Answer.end)
    let message = try server.request(1).message
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
    "A streamed response that fails with a long error has trailers that a Go server takes",
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
    let trailers = try server.request(1).message.trailers
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

  @Test("A streamed response whose connection breaks is reported, and the next event asked for")
  func brokenConnection() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("")), .resetAfterOneChunk],
      [.answer(Answer.accepted), .answer(Answer.final)],
    ])
    var seen: LambdaRuntimeError?
    let error = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
      do {
        try await response.write("one")
        await server.waitUntilClosed(connection: 0)
        for _ in 0..<1_000_000 { try await response.write("more") }
      } catch let failure as LambdaRuntimeError {
        seen = failure
        throw failure
      }
    }
    #expect(error == Answer.end)
    guard case .connectionLost = seen?.reason else {
      Issue.record("\(String(describing: seen))")
      return
    }
    #expect(server.requests.count == 4)
    #expect(try server.request(2).line.contains("/\(Answer.requestID)/error "))
    #expect(
      try server.request(2).fields["lambda-runtime-function-error-type"]
        == "Runtime.TruncatedResponse")
  }

  @Test(
    "A streamed response whose connection breaks may count as whole, and its report be refused",
    arguments: [400, 403, 404, 499])
  func answeredTwice(status: Int) async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("")), .close],
      [.answer(Answer.plain(status: "\(status) No", body: "")), .answer(Answer.final)],
    ])
    let end = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
      try await response.write("all")
    }
    #expect(end == Answer.end)
    #expect(server.requests.map(\.connection) == [0, 0, 1, 1])
    #expect(try server.request(2).line.contains("/error "))
  }

  @Test("A streamed response whose connection breaks, and whose report gets 500, ends the loop")
  func refusedReport() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("")), .close],
      [.answer(Answer.plain(status: "500 No", body: "why")), .answer(Answer.final)],
    ])
    let end = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
      try await response.write("all")
    }
    #expect(
      end
        == LambdaRuntimeError(operation: .error, reason: .refused(status: 500, message: "why")))
  }

  @Test("A streamed response that fails stays failed, also when the handler ignores it")
  func brokenAndIgnored() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("")), .resetAfterOneChunk],
      [.answer(Answer.accepted), .answer(Answer.final)],
    ])
    let error = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
      try await response.write("one")
      await server.waitUntilClosed(connection: 0)
      var errors: [LambdaRuntimeError] = []
      while errors.count < 3 {
        do throws(LambdaRuntimeError) {
          try await response.write("more")
        } catch {
          errors.append(error)
        }
      }
      #expect(Set(errors.map(\.description)).count == 1)
    }
    #expect(error == Answer.end)
  }

  @Test("A streamed response that is too large for Lambda leaves the environment in service")
  func tooLarge() async throws {
    let refusal = Answer.plain(
      status: "413 Content Too Large", fields: "Connection: close\r\n", body: "large")
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("")), .answerAfterOneChunk(refusal)], [.answer(Answer.final)],
    ])
    let expected = LambdaRuntimeError(
      operation: .response, reason: .refused(status: 413, message: "large"))
    let end = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
      let error = await failure { for _ in 0..<1_000_000 { try await response.write("more") } }
      #expect(error == expected)
    }
    #expect(end == Answer.end)
  }

  @Test("A streamed response whose end is refused ends the loop with the API's words")
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
      #expect(fault == expected)
    }
    #expect(end == expected)
  }

  @Test("A streamed response that is not taken waits, keeps only system buffers, and ends in time")
  func backPressure() async throws {
    let past = Answer.event([UInt8](), deadlineMilliseconds: 1_542_409_706_888)
    let server = try FakeRuntimeAPI(connections: [
      [.answer(past), .hold], [.answer(Answer.accepted), .answer(Answer.final)],
    ])
    defer { server.release() }
    var runtime = try LambdaRuntime(server)
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
      #expect(fault == expected)
      server.release()
    }
    // The report of it may come too late as well, which is another matter.
    let late = LambdaRuntimeError(operation: .error, reason: expected.reason)
    #expect(end == Answer.end || end == late)
    #expect(written < 64)
  }

  @Test("A streamed response may take until its deadline, however short exchanges may be")
  func deadline() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("")), .hold, .answer(Answer.accepted)], [.answer(Answer.final)],
    ])
    defer { server.release() }
    var runtime = try LambdaRuntime(server, inactivity: .milliseconds(1))
    runtime.timeouts.exchange = .milliseconds(1)
    runtime.timeouts.retryDelays = []
    let (times, continuation) = AsyncStream.makeStream(of: Void.self)
    Task {
      // The writer waits by then, far longer than an exchange may take.
      for await _ in times { break }
      try await Task.sleep(for: .milliseconds(200))
      server.release()
    }
    // More than the system keeps, so that a write must have waited for the release.
    let end = await runtime.failureOfStreaming { _, _, response in
      let fault = await failure {
        for count in 0..<24 {
          if count == 1 { continuation.finish() }
          try await response.write([UInt8](repeating: 0, count: 1 << 20))
        }
      }
      // The server ends the connection after what it holds, which no limit has come before.
      guard case .connectionLost = fault?.reason else {
        Issue.record("\(String(describing: fault))")
        return
      }
    }
    #expect(end != nil)
  }

  @Test("A failure after a streamed response has been finished is logged, with type and message")
  func afterFinish() async {
    await #expect(processExitsWith: .success) {
      let log = try CapturedLog()
      let server = try FakeRuntimeAPI(connections: [
        [.answer(Answer.event("")), .answer(Answer.accepted)], [.answer(Answer.final)],
      ])
      _ = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
        try await response.finish()
        throw StreamBroke(errorMessage: "after the end")
      }
      let text = log.end()
      guard text == "[ERROR] \(Answer.requestID) StreamBroke: after the end\n" else {
        fatalError(text)
      }
    }
  }

  @Test("A failure of the handler's own after the connection of its stream broke is logged, too")
  func afterBreak() async {
    await #expect(processExitsWith: .success) {
      let log = try CapturedLog()
      let server = try FakeRuntimeAPI(connections: [
        [.answer(Answer.event("")), .resetAfterOneChunk],
        [.answer(Answer.accepted), .answer(Answer.final)],
      ])
      _ = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
        try await response.write("one")
        await server.waitUntilClosed(connection: 0)
        _ = await failure { for _ in 0..<1_000_000 { try await response.write("more") } }
        throw StreamBroke(errorMessage: "its own")
      }
      let text = log.end()
      guard text.contains("StreamBroke: its own\n"), text.contains("Runtime.TruncatedResponse: ")
      else { fatalError(text) }
    }
  }
}
