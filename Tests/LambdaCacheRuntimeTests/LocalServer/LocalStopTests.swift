import LambdaCacheTransport
import TestSupport
import Testing

@testable import LambdaCacheRuntime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("The local server stops", .prompt, .timeLimit(.minutes(10)))
struct LocalStopTests {
  @Test("The local server stops on SIGINT while it waits")
  func interrupted() async {
    await #expect(processExitsWith: .success) {
      try await LocalStopTests.stopping { kill(getpid(), SIGINT) }
    }
  }

  @Test("The local server stops on SIGTERM while it waits")
  func terminated() async {
    await #expect(processExitsWith: .success) {
      try await LocalStopTests.stopping { kill(getpid(), SIGTERM) }
    }
  }

  @Test("The local server stops after the invocation in progress has been answered")
  func withinInvocation() async {
    await #expect(processExitsWith: .success) {
      let (lines, continuation) = AsyncStream.makeStream(of: String.self)
      var runtime = try LambdaRuntime(environment: ["LOCAL_LAMBDA_PORT": "0"])
      runtime.timeouts = .patient()
      runtime.announce = { continuation.yield($0) }
      async let served: Void = runtime.run { (event: [UInt8], _) in
        kill(getpid(), SIGINT)
        return event
      }
      var iterator = lines.makeAsyncIterator()
      let line = await iterator.next() ?? ""
      let port = UInt16(line.split(separator: ":").last?.prefix { $0.isNumber } ?? "") ?? 0
      let answer = try await LoopbackClient.converse(with: port) { client in
        client.send(LoopbackClient.post("last"))
        return try client.receive()
      }
      try await served
      guard answer.text == "last" else { fatalError("\(answer)") }
    }
  }

  @Test("The local server stops at once on a second SIGINT, also while a handler hangs")
  func interruptedTwice() async {
    await #expect(processExitsWith: .signal(SIGINT)) {
      var runtime = try LambdaRuntime(environment: ["LOCAL_LAMBDA_PORT": "0"])
      runtime.timeouts = .patient()
      let (lines, continuation) = AsyncStream.makeStream(of: String.self)
      runtime.announce = { continuation.yield($0) }
      async let served: Void = runtime.run { (_: [UInt8], _) in
        kill(getpid(), SIGINT)
        // Two signals that wait to be delivered are one.
        _ = try StopSignal.pause(
          for: unreachedTime, orUntil: [TerminationSignal.interruptSignal()])
        kill(getpid(), SIGINT)
        await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        return []
      }
      var iterator = lines.makeAsyncIterator()
      let line = await iterator.next() ?? ""
      let port = UInt16(line.split(separator: ":").last?.prefix { $0.isNumber } ?? "") ?? 0
      _ = try? await LoopbackClient.converse(with: port) { client in
        client.send(LoopbackClient.post(""))
        return try client.receive()
      }
      try await served
    }
  }

  /// Serves until a signal that is sent once it listens has ended it.
  static func stopping(_ signal: @escaping @Sendable () -> Void) async throws {
    var runtime = try LambdaRuntime(environment: ["LOCAL_LAMBDA_PORT": "0"])
    runtime.timeouts = .patient()
    runtime.announce = { _ in signal() }
    try await runtime.run { (event: [UInt8], _) in event }
  }
}
