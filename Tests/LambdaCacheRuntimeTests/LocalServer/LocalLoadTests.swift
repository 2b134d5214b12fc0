import Foundation
import LambdaCache
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

extension LocalServer {
  fileprivate var connectionCount: Int { connections.count }
  fileprivate var sendingCount: Int { connections.count { $0.isSending } }
  fileprivate var unsentByteCount: Int { connections.reduce(0) { $0 + $1.unsentByteCount } }
}

/// Many clients, slow ones and none.
@Suite("The local server under load", .prompt, .timeLimit(.minutes(10)))
struct LocalLoadTests {
  /// A server whose thread is lent to the test: what it does is done step by step.
  private static func server(
    _ environment: [String: String] = [:], inactivity: Duration = unreachedTime
  ) throws -> (LocalServer, UInt16) {
    let options = try #require(
      try LocalServerOptions(
        environment: ["LOCAL_LAMBDA_PORT": "0"].merging(environment) { $1 }))
    let server = try LocalServer(
      options: options, function: FunctionInfo(environment: [:]),
      timeouts: .patient(inactivity: inactivity), stops: [])
    let port = try #require(
      UInt16(server.location.split(separator: ":")[2].prefix { $0.isNumber }))
    return (server, port)
  }

  @Test("The local server keeps 64 connections, also where the one to be closed has just asked")
  func connectionLimit() async throws {
    let (server, port) = try Self.server()
    var clients: [Int32] = []
    defer { for client in clients { close(client) } }
    for round in 0..<3 {
      // As many as there may be, of which each asks, and one more that arrives at the same time.
      while clients.count < 64 * (round + 1) { clients.append(try LoopbackPeer.connect(to: port)) }
      for client in clients.suffix(64) {
        LoopbackPeer.send(
          Array(LoopbackClient.post("\(round)").utf8), to: client, pieceSize: nil)
      }
      clients.append(try LoopbackPeer.connect(to: port))
      for _ in 0..<64 {
        let invocation = try #require(try await server.next())
        await server.complete(invocation.context.requestID, with: invocation.event)
        #expect(await server.connectionCount <= 64)
      }
    }
    // The last to come is served too.
    LoopbackPeer.send(
      Array(LoopbackClient.post("last").utf8), to: try #require(clients.last),
      pieceSize: nil)
    let invocation = try #require(try await server.next())
    #expect(invocation.event == Array("last".utf8))
    #expect(await server.connectionCount == 64)
  }

  @Test("The local server keeps all connections that have asked when one more comes meanwhile")
  func allHaveAsked() async throws {
    let (server, port) = try Self.server()
    var clients: [Int32] = []
    defer { for client in clients { close(client) } }
    func ask(_ index: Int) {
      LoopbackPeer.send(
        Array(LoopbackClient.post("\(index)").utf8), to: clients[index], pieceSize: nil)
    }
    // All are known to the server once it has served them.
    for index in 0..<64 {
      clients.append(try LoopbackPeer.connect(to: port))
      ask(index)
      let invocation = try #require(try await server.next())
      await server.complete(invocation.context.requestID, with: [])
    }
    clients.append(try LoopbackPeer.connect(to: port))
    for index in clients.indices { ask(index) }
    var events: [String] = []
    while events.last != "64" {
      let invocation = try #require(try await server.next())
      events.append(String(decoding: invocation.event, as: UTF8.self))
      await server.complete(invocation.context.requestID, with: [])
    }
    #expect(Set(events) == Set(clients.indices.map(String.init)))
    #expect(events.count == clients.count)
    #expect(await server.connectionCount == 64)
  }

  @Test(
    "The local server closes the connection that has been idle longest, and keeps one that asks")
  func victim() async throws {
    let (server, port) = try Self.server()
    var clients: [Int32] = []
    defer { for client in clients { close(client) } }
    for _ in 0..<64 { clients.append(try LoopbackPeer.connect(to: port)) }
    // The first asks twice, so that the second has been idle longest when a 65th comes.
    for index in [0, 1, 0] {
      LoopbackPeer.send(
        Array(LoopbackClient.post("\(index)").utf8), to: clients[index], pieceSize: nil)
      let invocation = try #require(try await server.next())
      #expect(invocation.event == Array("\(index)".utf8))
      await server.complete(invocation.context.requestID, with: [])
    }
    // All are known to the server once the last has been served.
    for index in 2..<64 {
      LoopbackPeer.send(Array(LoopbackClient.post("x").utf8), to: clients[index], pieceSize: nil)
      let invocation = try #require(try await server.next())
      await server.complete(invocation.context.requestID, with: [])
    }
    clients.append(try LoopbackPeer.connect(to: port))
    LoopbackPeer.send(Array(LoopbackClient.post("new").utf8), to: clients[64], pieceSize: nil)
    #expect(try await server.next()?.event == Array("new".utf8))
    var reader = LoopbackReader(descriptor: clients[1])
    #expect(reader.readMessage() != nil)
    let isGone = reader.isClosed()
    #expect(isGone)
    // The first client, which asked after it, is still served.
    var first = LoopbackReader(descriptor: clients[0])
    _ = (first.readMessage(), first.readMessage())
    let isClosed = first.isClosed()
    #expect(!isClosed)
  }

  @Test(
    "The local server serves others while a client does not take its answer",
    arguments: [false, true])
  func silentReader(isStreamed: Bool) async throws {
    let size = 6_000_000
    let texts = try await LocalServing.serving { runtime in
      if isStreamed {
        try await runtime.runStreaming { event, _, response in
          guard event == Array("large".utf8) else { return try await response.write(event) }
          try await response.write(Payload.pattern(size))
        }
      } else {
        try await runtime.run { (event: [UInt8], _) in
          event == Array("large".utf8) ? Payload.pattern(size) : event
        }
      }
    } asking: { server in
      let silent = try LoopbackPeer.connect(to: server.port)
      defer { close(silent) }
      // Two answers, one behind the other, and neither taken.
      LoopbackPeer.send(
        Array((LoopbackClient.post("large") + LoopbackClient.post("second")).utf8), to: silent,
        pieceSize: nil)
      let texts = try await ["a", "b", "c"].asyncMap { text in
        try await LoopbackClient.converse(with: server.port) { client in
          client.send(LoopbackClient.post(text))
          return try client.receive().text
        }
      }
      // In the end it takes them, whole and in order.
      let answers: [String] = await withCheckedContinuation { continuation in
        Thread.detachNewThread {
          var reader = LoopbackReader(descriptor: silent)
          guard let first = reader.readMessage()?.body else {
            return continuation.resume(returning: [])
          }
          let isWhole = Payload.areEqual(first, Payload.pattern(size))
          continuation.resume(
            returning: [isWhole ? "whole" : "\(first.count)", reader.readMessage()?.text ?? ""])
        }
      }
      return texts + answers
    }
    #expect(texts == ["a", "b", "c", "whole", "second"])
  }

  @Test("The local server gives up a client that takes nothing of its answer for too long")
  func givenUp() async throws {
    let (server, port) = try Self.server(inactivity: .milliseconds(100))
    let silent = try LoopbackPeer.connect(to: port)
    let other = try LoopbackPeer.connect(to: port)
    defer { for client in [silent, other] { close(client) } }
    LoopbackPeer.send(Array(LoopbackClient.post("x").utf8), to: silent, pieceSize: nil)
    let invocation = try #require(try await server.next())
    let count = LambdaRuntime.maximumPayloadByteCount
    await server.complete(
      invocation.context.requestID, with: [UInt8](repeating: 0x78, count: count))
    #expect(await server.sendingCount == 1)
    Thread.detachNewThread {
      // The answer has been waiting longer than it may.
      Thread.sleep(forTimeInterval: 0.2)
      LoopbackPeer.send(Array(LoopbackClient.post("y").utf8), to: other, pieceSize: nil)
    }
    #expect(try await server.next()?.event == Array("y".utf8))
    #expect(await server.connectionCount == 1)
  }

  @Test("The local server sends what a client still takes when it is stopped")
  func stopped() async throws {
    let size = 6_000_000
    let body = try await LocalServing.serving { runtime in
      try await runtime.run { (_: [UInt8], _) in
        withUnsafeCurrentTask { $0?.cancel() }
        return Payload.pattern(size)
      }
    } asking: { server in
      try await LoopbackClient.converse(with: server.port) { client in
        client.send(LoopbackClient.post(""))
        // The server has stopped by then, with no more taken than the system keeps.
        Thread.sleep(forTimeInterval: 0.1)
        return try client.receive().body
      }
    }
    #expect(Payload.areEqual(body, Payload.pattern(size)))
  }

  @Test("The local server breaks off a stream that no client takes once an answer's bytes are kept")
  func streamLimit() async throws {
    let (server, port) = try Self.server(inactivity: .milliseconds(100))
    let silent = try LoopbackPeer.connect(to: port)
    defer { close(silent) }
    LoopbackPeer.send(Array(LoopbackClient.post("x").utf8), to: silent, pieceSize: nil)
    _ = try #require(try await server.next())
    let serial = await server.stream.serial
    let fault = await failure {
      while await server.unsentByteCount <= LambdaRuntime.maximumPayloadByteCount {
        try await server.write(serial, [UInt8](repeating: 0x78, count: 16 << 10))
      }
    }
    let cause = LambdaRuntimeError(
      operation: .response, reason: .timedOut(after: .milliseconds(100)))
    #expect(fault == cause)
    try await server.conclude(nil)
    #expect(await server.connectionCount == 0)
  }

  @Test("The local server takes a connection later for which the system has no descriptor now")
  func noDescriptors() async {
    await #expect(processExitsWith: .success) {
      let (server, port) = try LocalLoadTests.server()
      let first = try LoopbackPeer.connect(to: port)
      LoopbackPeer.send(Array(LoopbackClient.post("1").utf8), to: first, pieceSize: nil)
      guard let one = try await server.next() else { exit(1) }
      await server.complete(one.context.requestID, with: [])
      let second = try LoopbackPeer.connect(to: port)
      LoopbackPeer.send(Array(LoopbackClient.post("2").utf8), to: second, pieceSize: nil)
      // All that are left are taken for a while.
      var limit = rlimit()
      #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
      #else
        let resource = RLIMIT_NOFILE
      #endif
      getrlimit(resource, &limit)
      limit.rlim_cur = 256
      setrlimit(resource, &limit)
      var taken: [Int32] = []
      while case let descriptor = dup(first), descriptor >= 0 { taken.append(descriptor) }
      let held = taken
      Thread.detachNewThread {
        Thread.sleep(forTimeInterval: 0.5)
        for descriptor in held { close(descriptor) }
      }
      guard let two = try await server.next(), two.event == Array("2".utf8) else { exit(2) }
    }
  }
}
