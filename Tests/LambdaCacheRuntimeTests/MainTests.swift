import Foundation
import LambdaCache
import LambdaCacheTransport
import TestSupport
import Testing

@testable import LambdaCacheRuntime

@Suite("The main program of a function", .prompt)
struct MainTests {
  private func echo(_ runtime: LambdaRuntime) async throws {
    try await runtime.run { (event: [UInt8], _: LambdaContext) in event }
  }

  private func sink(_ lines: Locked<[String]>) -> @Sendable (String) -> Void {
    { line in lines.withLock { $0.append(line) } }
  }

  @Test("An error of the set-up is posted once, with the variable that cannot be used")
  func failedSetUp() async throws {
    for isInitialized in [false, true] {
      let server = try FakeRuntimeAPI(connections: [[.answer(Answer.accepted)]])
      let environment = server.environment.merging(["LAMBDA_CACHE_TTL": "soon"]) { $1 }
      let lines = Locked<[String]>([])
      let succeeds = await Log.$sink.withValue(sink(lines)) {
        await LambdaRuntime.succeeds(environment: environment) { runtime in
          if isInitialized {
            _ = try await runtime.initialize { try MemoryBudget(environment: environment) }
          } else {
            _ = try MemoryBudget(environment: environment)
          }
          try await echo(runtime)
        }
      }
      #expect(!succeeds)
      #expect(server.requests.map(\.line) == ["POST /2018-06-01/runtime/init/error HTTP/1.1"])
      let body = String(decoding: try server.request(0).body, as: UTF8.self)
      #expect(body.contains("LAMBDA_CACHE_TTL") && body.contains("soon"), "\(body)")
      let said = lines.withLock { $0 }
      #expect(said.count == 1 && said[0].contains("initialization: ConfigurationError"), "\(said)")
    }
  }

  @Test("A variable of the runtime is posted if the Runtime API is known all the same")
  func failedStart() async throws {
    let server = try FakeRuntimeAPI(connections: [[.answer(Answer.accepted)]])
    let environment = server.environment.merging(["AWS_LAMBDA_MAX_CONCURRENCY": "many"]) { $1 }
    #expect(await !LambdaRuntime.succeeds(environment: environment) { _ in })
    #expect(server.requests.map(\.line) == ["POST /2018-06-01/runtime/init/error HTTP/1.1"])
    let body = String(decoding: try server.request(0).body, as: UTF8.self)
    #expect(body.contains("AWS_LAMBDA_MAX_CONCURRENCY is 'many'"), "\(body)")
  }

  @Test("An error after the first event is logged, and no failure of the set-up")
  func failedService() async throws {
    let server = try FakeRuntimeAPI(sending: "")
    let lines = Locked<[String]>([])
    let succeeds = await Log.$sink.withValue(sink(lines)) {
      await LambdaRuntime.succeeds(environment: server.environment) { runtime in
        try await echo(runtime)
      }
    }
    #expect(!succeeds)
    #expect(server.requests.allSatisfy { !$0.line.contains("init/error") })
    let said = lines.withLock { $0 }
    #expect(said.count == 1 && said[0].hasPrefix("LambdaRuntimeError: "), "\(said)")
  }

  @Test("A function whose closure ends without an error has succeeded")
  func success() async {
    #expect(
      await LambdaRuntime.succeeds(environment: ["AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9"]) { _ in })
  }

  @Test(
    "A bad variable is an error that a line of the log names, and never a trap",
    arguments: [
      ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:port"), ("AWS_LAMBDA_MAX_CONCURRENCY", "0"),
      ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "lots"), ("LOCAL_LAMBDA_SERVER_ENABLED", "perhaps"),
      ("LOCAL_LAMBDA_HOST", "host:7000"), ("LOCAL_LAMBDA_PORT", "70000"),
      ("LOCAL_LAMBDA_INVOCATION_ENDPOINT", "invoke"), ("LOCAL_LAMBDA_ALLOWED_HOSTS", "a,,b"),
      ("LAMBDA_CACHE_SIZE", "big"), ("LAMBDA_CACHE_TTL", "soon"),
      ("LAMBDA_CACHE_RESERVE", "110%"), ("LAMBDA_CACHE_LOG", "some"),
      ("LAMBDA_CACHE_USERS_TTL", "soon"),
    ])
  func badVariable(name: String, value: String) async {
    let lines = Locked<[String]>([])
    let environment = [name: value]
    let succeeds = await Log.$sink.withValue(sink(lines)) {
      await LambdaRuntime.succeeds(environment: environment) { runtime in
        let budget = try MemoryBudget(environment: environment)
        _ = Cache<String, String>(named: "users", in: budget)
        Issue.record("\(name) was taken")
      }
    }
    #expect(!succeeds)
    let said = lines.withLock { $0 }
    #expect(said.count == 1, "\(said)")
    #expect(said.allSatisfy { $0.contains(name) && $0.contains(value) }, "\(said)")
  }

  @Test("The process ends with status 1 after a line at the level FATAL")
  func status() async throws {
    let result = try #require(
      await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
        await LambdaRuntime.main(environment: ["LOCAL_LAMBDA_PORT": "70000"]) { _ in }
      })
    let text = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(
      text.contains("[FATAL] initialization: LambdaRuntimeError: LOCAL_LAMBDA_PORT"), "\(text)")
    #expect(!text.contains("Fatal error"), "\(text)")
  }

  @Test("A port that another process has taken ends the process with status 1")
  func takenPort() async throws {
    let result = try #require(
      await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
        let other = try ListeningSocket(host: "127.0.0.1", port: 0)
        await LambdaRuntime.main(environment: ["LOCAL_LAMBDA_PORT": "\(other.port)"]) { runtime in
          try await runtime.run { (event: [UInt8], _: LambdaContext) in event }
        }
      })
    let text = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(text.contains("[FATAL] initialization: LambdaRuntimeError: local server: "), "\(text)")
  }
}
