import Foundation
import Testing

@testable import LambdaCacheRuntime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Two ends of a connection of which the one that sends keeps only a few kilobytes.
private struct NarrowPair {
  let socket: Socket
  let peer: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    #if canImport(Glibc)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    guard socketpair(AF_UNIX, stream, 0, &ends) == 0 else { throw SystemError.last("socketpair") }
    socket = Socket(owning: ends[0])
    peer = ends[1]
    var size: Int32 = 4096
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Takes what has arrived, up to a number of bytes, without waiting.
  func take(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { bytes, initializedCount in
      initializedCount = max(0, recv(peer, bytes.baseAddress, count, Int32(MSG_DONTWAIT)))
    }
  }
}

/// A system that takes a part of what is sent, and the rest later.
@Suite("What is sent in parts", .timeLimit(.minutes(10)))
struct PartialSendTests {
  @Test("arrives whole when the request was begun by the thread of a handler")
  func begun() async throws {
    let pair = try NarrowPair()
    let connection = Connection(
      endpoint: try #require(Endpoint("127.0.0.1:1")), timeouts: .patient())
    connection.socket = pair.socket
    let body = Payload.pattern(15_000)
    let request = HTTPRequest(method: "POST", path: "/response", authority: "x", body: body)
    #expect(request.isSmall)
    // The system takes a part, so nothing is waited for.
    #expect(!connection.begin(request, within: Patience.duration))
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

  @Test("arrives whole when it is waited for")
  func waitedFor() async throws {
    let pair = try NarrowPair()
    let bytes = Payload.pattern(300_000)
    let (socket, peer) = (pair.socket, pair.peer)
    let limit = ExchangeLimit(total: Patience.duration, inactivity: nil)
    let received = Task.detached {
      await withCheckedContinuation { continuation in
        Thread.detachNewThread {
          let all = [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
            while count < bytes.count {
              let size = recv(peer, buffer.baseAddress! + count, min(1000, bytes.count - count), 0)
              if size <= 0, errno != EINTR { break }
              count += max(0, size)
            }
          }
          close(peer)
          continuation.resume(returning: all)
        }
      }
    }
    #expect(try socket.sendAll(bytes, limit: limit) == nil)
    #expect(Payload.areEqual(await received.value, bytes))
  }

  @Test("by the local server arrives whole, each time a part more")
  func flushed() throws {
    let pair = try NarrowPair()
    defer { close(pair.peer) }
    let connection = LocalConnection(pair.socket, limits: HTTPLimits())
    let bytes = Payload.pattern(60_000)
    try connection.send(Array(bytes[..<40_000]), patience: Patience.duration)
    try connection.send(Array(bytes[40_000...]), patience: Patience.duration)
    var received: [UInt8] = []
    var rounds = 0
    while connection.isSending, rounds < 1000 {
      #expect(received.count + connection.unsentByteCount <= bytes.count)
      received += pair.take(1000)
      try connection.flush(patience: Patience.duration)
      rounds += 1
    }
    while case let part = pair.take(1000), !part.isEmpty { received += part }
    #expect(rounds > 10)
    #expect(Payload.areEqual(received, bytes))
    #expect(connection.sendDeadline == nil)
  }
}
