import Foundation
import LambdaCache
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

@Suite("A service that signals interrupt", .prompt, .timeLimit(.minutes(10)))
struct ServiceInterruptionTests {
  @Test("An interrupted wait for the log to take a line writes the whole line")
  func log() async {
    await #expect(processExitsWith: .success) {
      var ends: [Int32] = [-1, -1]
      guard pipe(&ends) == 0, dup2(ends[1], STDERR_FILENO) >= 0 else { fatalError("no pipe") }
      let input = ends[0]
      // More than a pipe keeps, so that the write waits, before and after it has begun.
      let line = String(repeating: "x", count: 200_000)
      let text = Locked<[UInt8]>([])
      try await Interruption.of {
        Log.write(line, level: .error)
      } releasing: {
        Thread.detachNewThread {
          var buffer = [UInt8](repeating: 0, count: 1000)
          while case let count = read(input, &buffer, buffer.count), count > 0 || errno == EINTR {
            if count > 0 { text.withLock { $0 += buffer[..<count] } }
          }
        }
      }
      let end = SuspendingClock.now + unreachedTime
      while text.withLock({ $0.count <= 200_008 }), SuspendingClock.now < end { usleep(1000) }
      guard text.withLock({ $0 == Array("[ERROR] \(line)\n".utf8) }) else { exit(1) }
    }
  }

  @Test("An interrupted wait for an event or a receipt serves as without signals")
  func service() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [
        .trickle(Answer.event("a")), .trickle(Answer.accepted), .trickle(Answer.event("b")),
        .trickle(Answer.accepted), .answer(Answer.final),
      ]
    ])
    let endpoint = try #require(Endpoint("127.0.0.1:\(server.port)", defaultPort: 80))
    let timeouts = Timeouts.patient(retryDelays: [])
    let bodies = try await Interruption.of {
      let connection = Connection(endpoint: endpoint, timeouts: timeouts)
      let next = HTTPRequest(method: "GET", path: "/next", authority: "x")
      let post = HTTPRequest(method: "POST", path: "/response", authority: "x", body: [1])
      return try [next, post, next, post].map { request in
        String(
          decoding: try connection.exchange(request, patience: .unlimited(stops: [])).body,
          as: UTF8.self)
      }
    }
    #expect(bodies == ["a", #"{"status":"OK"}"#, "b", #"{"status":"OK"}"#])
    #expect(server.requests.allSatisfy { $0.connection == 0 })
  }
}
