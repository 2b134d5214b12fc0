import Foundation
import LambdaCache
import LambdaCacheHandlers
import TestSupport

@testable import LambdaCacheValkey

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A server on loopback whose answers a test decides.
final class FakeServer: Sendable {
  /// A command as it arrived.
  struct Command: Equatable, Sendable {
    /// The number of the connection, from 0.
    let connection: Int
    let words: [String]

    var name: String { words[0] }
  }

  /// What the server does after a command.
  enum Action: Sendable {
    case reply(String)
    /// The same, in pieces of some bytes.
    case pieces(String, size: Int)
    /// Ends the connection after these bytes.
    case end(after: [UInt8])
    case silence
  }

  private struct State {
    var commands: [Command] = []
    var connectionCount = 0
    var openCount = 0
  }

  let port: UInt16
  private let listener: Int32
  private let state = Locked(State())
  private let isEnded = Locked(false)

  /// - Parameter decide: What to do after a command. The greeting is answered already, unless this
  ///   answers it.
  init(_ decide: @escaping @Sendable (Command) -> Action?) throws {
    (listener, port) = try LoopbackListener.open()
    let (listener, state, isEnded) = (listener, state, isEnded)
    Thread.detachNewThread {
      while let peer = LoopbackListener.accept(listener), !isEnded.withLock({ $0 }) {
        let number = state.withLock { state in
          defer { state.connectionCount += 1 }
          state.openCount += 1
          return state.connectionCount
        }
        Thread.detachNewThread {
          Self.serve(peer, number, state, decide)
          close(peer)
          state.withLock { $0.openCount -= 1 }
        }
      }
      close(listener)
    }
  }

  deinit {
    isEnded.withLock { $0 = true }
    if let probe = try? LoopbackPeer.connect(to: port) { close(probe) }
  }

  /// All commands but greetings, in the order of their arrival.
  var commands: [Command] {
    state.withLock { $0.commands.filter { $0.name != "HELLO" } }
  }

  var greetings: [Command] { state.withLock { $0.commands.filter { $0.name == "HELLO" } } }
  var connectionCount: Int { state.withLock { $0.connectionCount } }
  var openCount: Int { state.withLock { $0.openCount } }

  func endpoint() throws -> LambdaCacheValkey.Endpoint { try Endpoint("127.0.0.1:\(port)") }

  /// A tier on this server, whose limits are never over unless a test sets others.
  func tier(_ configure: (inout ValkeyOptions) -> Void = { _ in }) throws -> ValkeyTier {
    ValkeyTier(try endpoint()) { options in
      options.connectLimit = unreachedTime
      options.doubtfulLimit = unreachedTime
      options.doubtfulAge = unreachedTime * 2
      configure(&options)
    }
  }

  static let greeting = "%1\r\n+proto\r\n:3\r\n"

  private static func serve(
    _ peer: Int32, _ number: Int, _ state: Locked<State>,
    _ decide: @Sendable (Command) -> Action?
  ) {
    var parser = RESPParser()
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(peer, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      var offset = 0
      let replies: [RESPValue] = buffer[..<count].withUnsafeBytes { bytes in
        var replies: [RESPValue] = []
        while let reply = try? parser.next(in: bytes, from: &offset) { replies.append(reply) }
        return replies
      }
      for case .array(let words) in replies {
        let command = Command(
          connection: number,
          words: words.map { String(decoding: $0.text ?? [], as: UTF8.self) })
        state.withLock { $0.commands.append(command) }
        let isGreeting = command.name == "HELLO"
        switch decide(command) ?? .reply(isGreeting ? greeting : "-ERR unexpected command\r\n") {
        case .reply(let text):
          LoopbackPeer.send(Array(text.utf8), to: peer, pieceSize: nil)
        case .pieces(let text, let size):
          LoopbackPeer.send(Array(text.utf8), to: peer, pieceSize: size)
        case .end(let bytes):
          LoopbackPeer.send(bytes, to: peer, pieceSize: nil)
          return
        case .silence: break
        }
      }
    }
  }
}

/// Replies in the form of the protocol.
enum Reply {
  static let time = "*2\r\n$10\r\n1700000000\r\n$6\r\n123456\r\n"
  /// The time in ``time``.
  static let milliseconds: Int64 = 1_700_000_000_123

  static func text(_ text: String?) -> String {
    text.map { "$\($0.utf8.count)\r\n\($0)\r\n" } ?? "_\r\n"
  }

  static func array(_ elements: [String]) -> String {
    "*\(elements.count)\r\n" + elements.joined()
  }

  /// The answer to a read: the values are the keys without the beginning that tells their kind.
  static func echo(_ command: FakeServer.Command) -> FakeServer.Action? {
    switch command.name {
    case "TIME": .reply(time)
    case "MGET": .reply(array(command.words.dropFirst().map { text(String($0.dropFirst(2))) }))
    default: nil
    }
  }
}

extension TierKey {
  init(_ name: String) { self.init(bytes: Array(name.utf8)) }
}

extension ValkeyTier {
  /// Reads values as texts.
  func texts(_ names: [String], within limit: Duration = unreachedTime) async throws -> [String?] {
    try await fetch(TierRequest(keys: names.map { TierKey($0) }), within: limit).values.map {
      $0.bytes.map { String(decoding: $0, as: UTF8.self) }
    }
  }
}
