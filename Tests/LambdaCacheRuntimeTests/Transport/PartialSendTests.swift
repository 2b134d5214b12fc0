import Foundation
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

/// A system that takes a part of what is sent, and the rest later.
@Suite("A message that is sent in parts", .timeLimit(.minutes(10)))
struct PartialSendTests {
  @Test("A request that a handler's thread begins in parts arrives whole")
  func begun() async throws {
    let pair = try SocketPair(sendBufferByteCount: 4096)
    let connection = Connection(
      endpoint: try #require(Endpoint("127.0.0.1:1", defaultPort: 80)), timeouts: .patient())
    connection.socket = pair.socket
    let body = Payload.pattern(15_000)
    let request = HTTPRequest(method: "POST", path: "/response", authority: "x", body: body)
    #expect(request.isSmall)
    // The system takes a part, so nothing is waited for.
    #expect(!connection.begin(request, within: unreachedTime))
    #expect(connection.begun?.unsent.isEmpty == false)
    let peer = pair.peer
    Thread.detachNewThread {
      var reader = LoopbackReader(descriptor: peer)
      let message = reader.readMessage()
      let isWhole = Payload.areEqual(message?.body ?? [], body)
      LoopbackPeer.send(
        Answer.plain(status: "202 Accepted", body: isWhole ? "whole" : "not whole"), to: peer,
        pieceSize: nil)
      close(peer)
    }
    let response = try connection.exchange(request)
    #expect(response.body == Array("whole".utf8))
  }

  @Test("A request that is sent in parts arrives whole when it is waited for")
  func waitedFor() async throws {
    let pair = try SocketPair(sendBufferByteCount: 4096)
    let bytes = Payload.pattern(300_000)
    let (socket, peer) = (pair.socket, pair.peer)
    let limit = ExchangeLimit(total: unreachedTime, inactivity: nil)
    let received = onThread {
      defer { close(peer) }
      return [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
        while count < bytes.count {
          let size = recv(peer, buffer.baseAddress! + count, min(1000, bytes.count - count), 0)
          if size <= 0, errno != EINTR { break }
          count += max(0, size)
        }
      }
    }
    #expect(try socket.sendAll(bytes, limit: limit) == nil)
    #expect(Payload.areEqual(try await received.pass(), bytes))
  }

  @Test("An answer that the local server sends in parts arrives whole, each time a part more")
  func flushed() throws {
    let pair = try SocketPair(sendBufferByteCount: 4096)
    defer { close(pair.peer) }
    let connection = LocalConnection(pair.socket, limits: HTTPLimits())
    let bytes = Payload.pattern(60_000)
    try connection.send(Array(bytes[..<40_000]), patience: unreachedTime)
    try connection.send(Array(bytes[40_000...]), patience: unreachedTime)
    var received: [UInt8] = []
    var rounds = 0
    while connection.isSending, rounds < 1000 {
      #expect(received.count + connection.unsentByteCount <= bytes.count)
      received += pair.take(1000)
      try connection.flush(patience: unreachedTime)
      rounds += 1
    }
    while case let part = pair.take(1000), !part.isEmpty { received += part }
    #expect(rounds > 10)
    #expect(Payload.areEqual(received, bytes))
    #expect(connection.sendDeadline == nil)
  }

  @Test("The local server forgets what a client has taken, though more is always to be sent")
  func forgotten() throws {
    let pair = try SocketPair(sendBufferByteCount: 4096)
    defer { close(pair.peer) }
    let connection = LocalConnection(pair.socket, limits: HTTPLimits())
    let piece = [UInt8](repeating: 0x78, count: 1000)
    try connection.send([UInt8](repeating: 0x78, count: 20_000), patience: unreachedTime)
    var largest = 0
    for _ in 0..<1000 {
      _ = pair.take(1000)
      try connection.send(piece, patience: unreachedTime)
      #expect(connection.isSending)
      largest = max(largest, connection.keptByteCount)
    }
    #expect(largest < 60_000)
  }
}
