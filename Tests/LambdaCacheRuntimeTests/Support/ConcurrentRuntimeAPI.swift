import Foundation
import LambdaCache
import TestSupport

@testable import LambdaCacheRuntime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A Runtime API that serves any number of connections at once, each on a thread of its own.
///
/// It hands out its events once each; who asks for one more is kept waiting. It stops by itself
/// when the clients have gone and the patience of tests is over.
final class ConcurrentRuntimeAPI: Sendable {
  private struct State {
    var events: [String]
    var answers: [String: String] = [:]
    var failures: [String: String] = [:]
    var waiting = 0
    var connections = 0
    var hasGivenUp = false
  }

  let port: UInt16
  /// The identifiers whose responses are refused with status 500.
  private let refused: Set<String>
  private let listener: Int32
  private let state: Locked<State>
  private let (changes, continuation) = AsyncStream.makeStream(of: Void.self)
  private let (refusals, refusalContinuation) = AsyncStream.makeStream(of: Void.self)

  /// The response to each event, by its identifier.
  var answers: [String: String] { state.withLock { $0.answers } }
  /// The reported error of each event, by its identifier.
  var failures: [String: String] { state.withLock { $0.failures } }
  var connectionCount: Int { state.withLock { $0.connections } }

  /// Whether a client has kept a connection for so long that patience was over.
  var hasGivenUp: Bool { state.withLock { $0.hasGivenUp } }

  /// Starts a server.
  ///
  /// - Parameters:
  ///   - events: The identifiers of the events; each is its event's body too.
  ///   - refused: The identifiers whose responses are refused.
  init(events: [String], refused: Set<String> = []) throws {
    (listener, port) = try LoopbackListener.open()
    self.refused = refused
    state = Locked(State(events: events.reversed()))
    Thread.detachNewThread { [self] in
      while let peer = LoopbackListener.accept(listener) {
        state.withLock { $0.connections += 1 }
        Thread.detachNewThread { [self] in
          serve(peer)
          close(peer)
        }
      }
      close(listener)
    }
  }

  func runtime(concurrency: Int) throws -> LambdaRuntime {
    var runtime = try LambdaRuntime(environment: [
      "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:\(port)",
      "AWS_LAMBDA_MAX_CONCURRENCY": "\(concurrency)",
    ])
    runtime.timeouts = .patient()
    return runtime
  }

  /// Waits until this many events have been answered, and this many requests for more wait.
  func waitUntil(answered: Int, waiting: Int = 0) async {
    for await _ in changes {
      let isReached = state.withLock { state in
        state.answers.count + state.failures.count >= answered && state.waiting >= waiting
      }
      if isReached { return }
    }
  }

  /// Waits until the first response has been refused.
  func waitUntilRefused() async {
    for await _ in refusals {}
  }

  private func serve(_ peer: Int32) {
    var reader = LoopbackReader(descriptor: peer)
    while let message = reader.readMessage() {
      let parts = message.line.split(separator: "/")
      if message.line.hasPrefix("GET") {
        guard let event = state.withLock({ $0.events.popLast() }) else {
          change { $0.waiting += 1 }
          if !reader.waitUntilClosed() { change { $0.hasGivenUp = true } }
          return
        }
        let fields = "Lambda-Runtime-Trace-Id: Root=\(event)\r\n"
        LoopbackPeer.send(
          Answer.event(event, requestID: event, fields: fields), to: peer, pieceSize: nil)
      } else {
        let identifier = String(parts[parts.count - 3])
        let isError = parts[parts.count - 2].hasPrefix("error")
        change { state in
          if isError {
            state.failures[identifier] = message.text
          } else {
            state.answers[identifier] = message.text
          }
        }
        let answer = refused.contains(identifier) ? Answer.final : Answer.accepted
        LoopbackPeer.send(answer, to: peer, pieceSize: nil)
        if refused.contains(identifier) { refusalContinuation.finish() }
      }
    }
  }

  private func change(_ body: (inout State) -> Void) {
    state.withLock { body(&$0) }
    continuation.yield()
  }
}
