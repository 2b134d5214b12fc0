import Foundation
import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheRuntime

@Suite("What a program logs", .prompt)
struct ProgramLogTests {
  @Test("A line of a handler has the request identifier, and one of the set-up has none")
  func requestID() async {
    await #expect(processExitsWith: .success) {
      let log = try CapturedLog()
      let server = try FakeRuntimeAPI(sending: "")
      let runtime = try LambdaRuntime(server)
      try await runtime.initialize { LambdaCacheRuntime.log("made") }
      LambdaCacheRuntime.log("made", level: .debug)
      _ = await failure {
        try await runtime.run { (event: [UInt8], _: LambdaContext) in
          LambdaCacheRuntime.log("answering\nnow", level: .warn)
          Log.write("the library, too", level: .error)
          return event
        }
      }
      let text = log.end()
      let id = Answer.requestID
      let expected = "[INFO] made\n[WARN] \(id) answering now\n[ERROR] \(id) the library, too\n"
      guard text == expected else { fatalError(text) }
    }
  }

  @Test("Lines are JSON, of the level that Lambda's variables say")
  func json() {
    let lines = Locked<[String]>([])
    let sink: @Sendable (String) -> Void = { line in lines.withLock { $0.append(line) } }
    Log.$sink.withValue(sink) {
      let format = LogFormat(environment: ["AWS_LAMBDA_LOG_LEVEL": "WARN"])
      Log.$format.withValue(format) {
        log("one")
        log("two", level: .warn)
      }
    }
    #expect(lines.withLock { $0 } == ["two"])
  }

  @Test("Lines that were printed before a crash have left the process")
  func crash() async throws {
    let result = try #require(
      await #expect(processExitsWith: .failure, observing: [\.standardOutputContent]) {
        BufferedOutput.begin()
        _ = try LambdaRuntime(environment: ["AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9"])
        print("before the crash")
        fatalError("the crash")
      })
    let text = String(decoding: result.standardOutputContent, as: UTF8.self)
    #expect(text.contains("before the crash\n"), "\(text)")
  }
}

@Suite("A set-up with a bad variable", .prompt)
struct BadVariableTests {
  @Test(
    "A bad variable of a cache ends as an error of the initialization that names it",
    arguments: [
      ("LAMBDA_CACHE_TTL", "5 minutes"), ("LAMBDA_CACHE_USERS_SIZE", "big"),
      ("LAMBDA_CACHE_RESERVE", "110%"), ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "lots"),
    ])
  func reported(variable: String, value: String) async throws {
    let server = try FakeRuntimeAPI(connections: [[.answer(Answer.accepted)]])
    let environment = server.environment.merging([variable: value]) { $1 }
    await #expect(throws: ConfigurationError.self) {
      let runtime = try LambdaRuntime(server)
      let users = try await runtime.initialize {
        let budget = try MemoryBudget(environment: environment)
        return Cache<String, String>(named: "users", in: budget, timeToLive: .seconds(300))
      }
      try await runtime.run { (event: [UInt8], _: LambdaContext) in
        Array((users["x"] ?? "").utf8)
      }
    }
    let request = try server.request(0)
    #expect(request.line == "POST /2018-06-01/runtime/init/error HTTP/1.1")
    #expect(
      request.fields["lambda-runtime-function-error-type"] == "Function.ConfigurationError")
    let body = String(decoding: request.body, as: UTF8.self)
    #expect(body.contains(variable) && body.contains(value), "\(body)")
    #expect(body.contains(#""errorType":"ConfigurationError""#), "\(body)")
  }
}
