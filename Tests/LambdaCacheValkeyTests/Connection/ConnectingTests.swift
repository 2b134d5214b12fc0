import Foundation
import LambdaCache
import LambdaCacheHandlers
import TestSupport
import Testing

@testable import LambdaCacheValkey

@Suite("Connecting to a server", .timeLimit(.minutes(10)))
struct ConnectingTests {
  @Test("Connecting asks for version 3, with a name and without a login")
  func plain() async throws {
    let server = try FakeServer(Reply.echo)
    #expect(server.connectionCount == 0)
    #expect(try await server.tier().texts(["a"]) == ["a"])
    #expect(
      server.greetings.map(\.words) == [["HELLO", "3", "SETNAME", "swift-lambda-cache"]])
  }

  @Test("Connecting makes a token for each connection")
  func token() async throws {
    let server = try FakeServer { command in
      command.connection == 0 && command.name == "TIME" ? .end(after: []) : Reply.echo(command)
    }
    let count = Locked(0)
    let tier = try server.tier { options in
      options.credentials = .token(userName: "ada") {
        let number = count.increment()
        return "token \(number)"
      }
    }
    #expect(try await tier.texts(["a"]) == ["a"])
    #expect(
      server.greetings.map { Array($0.words.dropFirst(2).prefix(3)) }
        == [["AUTH", "ada", "token 1"], ["AUTH", "ada", "token 2"]])
  }

  @Test("Connecting without a token fails with the error of the closure, and asks no server")
  func noToken() async throws {
    struct NoRole: Error {}
    let server = try FakeServer(Reply.echo)
    let tier = try server.tier {
      $0.credentials = .token(userName: "ada") { throw NoRole() }
      $0.failsForGood()
    }
    await #expect(throws: ValkeyError.notAuthenticated("no password could be made: NoRole()")) {
      try await tier.texts(["a"])
    }
    #expect(server.connectionCount == 0)
  }

  @Test("Connecting with a wrong password fails with the server's words")
  func wrongPassword() async throws {
    let server = try FakeServer { _ in .reply("-WRONGPASS invalid username-password pair\r\n") }
    let tier = try server.tier { $0.credentials = .password("x") }
    await #expect(
      throws: ValkeyError.notAuthenticated("WRONGPASS invalid username-password pair")
    ) { try await tier.texts(["a"]) }
    // It is not tried again although there was time.
    #expect(
      server.greetings.map { Array($0.words.dropFirst(2).prefix(3)) } == [["AUTH", "default", "x"]])
  }

  @Test("Connecting to a server of version 2 authenticates and reads in that version")
  func versionTwo() async throws {
    for user in ["default", "ada"] {
      let server = try FakeServer { command in
        switch command.name {
        case "HELLO": .reply("-ERR unknown command `HELLO`, with args beginning with: `3`\r\n")
        case "AUTH": .reply("+OK\r\n")
        case "CLIENT": .reply("-NOPERM\r\n")
        case "MGET": .reply("*2\r\n$1\r\na\r\n$-1\r\n")
        default: Reply.echo(command)
        }
      }
      let tier = try server.tier { $0.credentials = .password("x", userName: user) }
      #expect(try await tier.texts(["a", "b"]) == ["a", nil])
      #expect(
        server.commands[0].words == ["AUTH"] + (user == "default" ? ["x"] : ["ada", "x"]))
    }
  }

  @Test("Connecting to a server of version 2 fails with its refusal")
  func versionTwoRefuses() async throws {
    let server = try FakeServer { command in
      .reply(command.name == "HELLO" ? "-NOPROTO sorry\r\n" : "-ERR invalid password\r\n")
    }
    let tier = try server.tier {
      $0.credentials = .password("x")
      $0.failsForGood()
    }
    await #expect(throws: ValkeyError.notAuthenticated("ERR invalid password")) {
      try await tier.texts(["a"])
    }
  }

  @Test("Connecting is done once for all operations that wait for it")
  func once() async throws {
    let isHeld = Locked(true)
    let server = try FakeServer { command in
      if command.name == "HELLO" { while isHeld.withLock({ $0 }) { usleep(1000) } }
      return Reply.echo(command)
    }
    let tier = try server.tier()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<50 {
        group.addTask {
          let texts = try await tier.texts(["\(task)"])
          #expect(texts == ["\(task)"])
        }
      }
      try await eventually("the greeting has come") { server.greetings.count == 1 }
      // An operation ends in time although a connection is being made.
      await #expect(throws: ValkeyError.timedOut(after: .milliseconds(5))) {
        try await tier.texts(["late"], within: .milliseconds(5))
      }
      isHeld.withLock { $0 = false }
      try await group.waitForAll()
    }
    #expect(server.connectionCount == 1)
  }

  @Test("Connecting is not tried again before a pause is over: operations fail at once")
  func pause() async throws {
    let server = try FakeServer { _ in .end(after: []) }
    let tier = try server.tier {
      $0.failsForGood()
    }
    for _ in 0..<20 {
      let error = await #expect(throws: ValkeyError.self) {
        try await tier.texts(["a"])
      }
      guard case .unreachable(let text) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(text == "127.0.0.1:\(server.port): closed by the server")
    }
    #expect(server.connectionCount == 1)
  }

  @Test("Connecting is tried again after a pause for an operation that has the time")
  func again() async throws {
    let server = try FakeServer { command in
      command.connection < 3 ? .end(after: []) : Reply.echo(command)
    }
    let tier = try server.tier {
      $0.firstPause = .milliseconds(1)
      $0.longestPause = .milliseconds(1)
    }
    #expect(try await tier.texts(["a"]) == ["a"])
    #expect(server.connectionCount == 4)
  }

  @Test("A connection that may be dead is given a short time, and replaced within the limit")
  func halfOpen() async throws {
    let isDead = Locked(false)
    let server = try FakeServer { command in
      if command.connection == 0, isDead.withLock({ $0 }) { return .silence }
      return Reply.echo(command)
    }
    let tier = try server.tier {
      $0.doubtfulAge = .milliseconds(200)
      $0.doubtfulLimit = .milliseconds(20)
    }
    #expect(try await tier.texts(["a"]) == ["a"])
    isDead.withLock { $0 = true }
    try await Task.sleep(for: .milliseconds(250))
    #expect(try await tier.texts(["b"]) == ["b"])
    #expect(server.connectionCount >= 2)
  }

  @Test("A connection that the server has ended meanwhile is replaced without an error")
  func endedMeanwhile() async throws {
    let server = try FakeServer { command in
      guard command.connection == 0, command.name == "MGET" else {
        return command.name == "TIME" && command.connection == 0 ? .silence : Reply.echo(command)
      }
      return .end(after: Array((Reply.time + Reply.array([Reply.text("a")])).utf8))
    }
    let tier = try server.tier()
    #expect(try await tier.texts(["a"]) == ["a"])
    try await eventually("the connection has ended") { server.openCount == 0 }
    #expect(try await tier.texts(["b"]) == ["b"])
    #expect(server.connectionCount == 2)
  }

  @Test("A transport of another package carries the bytes, as few at a time as it likes")
  func transport() async throws {
    let server = try FakeServer(Reply.echo)
    let tier = try server.tier { $0.transport = { TricklingTransport() } }
    for name in ["a", "b"] { #expect(try await tier.texts([name]) == [name]) }
  }
}

extension ValkeyOptions {
  /// Makes the pause after a failed connection longer than any operation.
  fileprivate mutating func failsForGood() {
    firstPause = unreachedTime * 2
    longestPause = unreachedTime * 2
    choosePause = { $0 }
  }
}

/// Plain TCP, a byte at a time, of which every other call says that it has to wait.
private final class TricklingTransport: ValkeyTransport {
  private let socket = PlainTransport()
  private var writes = 0

  func connect(to endpoint: Endpoint, within limit: Duration) throws {
    try socket.connect(to: endpoint, within: limit)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int? {
    try socket.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<1]))
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws -> Int? {
    writes += 1
    return writes % 2 == 0
      ? nil : try socket.write(UnsafeRawBufferPointer(rebasing: bytes[..<1]))
  }

  func close() { socket.close() }

  var descriptor: Int32 { socket.descriptor }
}
