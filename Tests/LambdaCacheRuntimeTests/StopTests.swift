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

@Suite("A runtime", .prompt, .timeLimit(.minutes(10)))
struct StopTests {
  @Test("A runtime that is cancelled while it waits returns")
  func cancelledWhileWaiting() async throws {
    let server = try FakeRuntimeAPI(connections: [[.silence]])
    let runtime = try LambdaRuntime(server)
    let serving = Task { try await runtime.run { (event: [UInt8], _) in event } }
    await server.waitUntilReceived("/next")
    serving.cancel()
    try await serving.value
    #expect(server.requests.count == 1)
  }

  @Test("A runtime that is cancelled within an invocation answers it and returns")
  func cancelledWithinInvocation() async throws {
    let server = try FakeRuntimeAPI(sending: "a")
    let runtime = try LambdaRuntime(server)
    let serving = Task {
      try await runtime.run { (event: [UInt8], _) in
        withUnsafeCurrentTask { $0?.cancel() }
        return event
      }
    }
    try await serving.value
    #expect(server.requests.count == 2)
    #expect(try server.request(1).body == [0x61])
  }

  @Test("A runtime that is cancelled before it starts asks for nothing")
  func cancelledBefore() async throws {
    let server = try FakeRuntimeAPI(connections: [[.answer(Answer.final)]])
    let runtime = try LambdaRuntime(server)
    let serving = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try await runtime.run { (event: [UInt8], _) in event }
    }
    try await serving.value
    #expect(server.requests.isEmpty)
  }

  @Test("A runtime that receives SIGTERM while it waits returns")
  func terminatedWhileWaiting() async {
    await #expect(processExitsWith: .success) {
      let server = try FakeRuntimeAPI(connections: [[.silence]])
      let runtime = try LambdaRuntime(server)
      let serving = Task { try await runtime.run { (event: [UInt8], _) in event } }
      await server.waitUntilReceived("/next")
      kill(getpid(), SIGTERM)
      try await serving.value
    }
  }

  @Test("A runtime that receives SIGTERM within an invocation answers it and returns")
  func terminatedWithinInvocation() async {
    await #expect(processExitsWith: .success) {
      let server = try FakeRuntimeAPI(connections: [
        [.answer(Answer.event("a")), .answer(Answer.accepted), .silence]
      ])
      try await LambdaRuntime(server).run { (event: [UInt8], _) in
        // To the process: threads of the pool do not take signals, so the moment is not certain.
        kill(getpid(), SIGTERM)
        return event
      }
      guard server.requests.count >= 2, server.requests[1].body == [0x61] else {
        fatalError("\(server.requests)")
      }
    }
  }

  @Test("A runtime leaves a SIGTERM handler of the program in place")
  func ownHandler() async {
    await #expect(processExitsWith: .exitCode(7)) {
      signal(SIGTERM) { _ in _exit(7) }
      let server = try FakeRuntimeAPI(connections: [[.silence]])
      let runtime = try LambdaRuntime(server)
      let serving = Task { try await runtime.run { (event: [UInt8], _) in event } }
      await server.waitUntilReceived("/next")
      kill(getpid(), SIGTERM)
      try await serving.value
    }
  }

  @Test("A runtime survives writing to a peer that has closed, without a handler for SIGPIPE")
  func brokenPipe() async {
    await #expect(processExitsWith: .success) {
      signal(SIGPIPE, SIG_DFL)
      let (listener, port) = try LoopbackListener.open()
      guard let endpoint = Endpoint("127.0.0.1:\(port)", defaultPort: 80) else {
        fatalError("no endpoint")
      }
      let socket = try Socket.connect(to: endpoint, within: unreachedTime)
      guard let peer = LoopbackListener.accept(listener) else { fatalError("no connection") }
      close(peer)
      // The first write is answered with a reset, and a later one finds the pipe broken.
      while true {
        do throws(SystemError) {
          _ = try socket.send([1], from: 0)
        } catch {
          if error.code == EPIPE { return }
          guard error.code == ECONNRESET else { fatalError("\(error)") }
        }
      }
    }
  }

  @Test("A runtime closes all its descriptors when it is done")
  func resources() async {
    // In a process of its own, for other tests open descriptors too.
    await #expect(processExitsWith: .success) {
      func openDescriptors() -> Int { (0..<1024).count { fcntl($0, F_GETFD) >= 0 } }
      var first: Int?
      for _ in 0..<50 {
        let server = try FakeRuntimeAPI(sending: "a")
        do {
          try await LambdaRuntime(server).run { (event: [UInt8], _) in event }
        } catch {
          guard error as? LambdaRuntimeError == Answer.end else { fatalError("\(error)") }
        }
        for await _ in server.events {}
        if first == nil { first = openDescriptors() }
      }
      // The server closes its own a little later, so a few may be left, but not one for each run.
      guard let first, openDescriptors() <= first + 5 else { fatalError("\(openDescriptors())") }
    }
  }
}
