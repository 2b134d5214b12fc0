import Foundation
import LambdaCache
import LambdaCacheHandlers
import TestSupport
import Testing

@testable import LambdaCacheValkey

@Suite("Operations on one connection", .timeLimit(.minutes(10)))
struct ExchangeTests {
  @Test("Operations of many tasks share a connection, and each gets its own replies")
  func order() async throws {
    for size in [1, 2, 7, 4096] {
      let server = try FakeServer { command in
        guard case .reply(let text) = Reply.echo(command) else { return nil }
        return .pieces(text, size: size)
      }
      let tier = try server.tier()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<20 {
          group.addTask {
            let names = (0..<(task % 4 + 1)).map { "key \(task) \($0)" }
            let texts = try await tier.texts(names)
            #expect(texts == names)
          }
        }
        try await group.waitForAll()
      }
      #expect(server.connectionCount == 1)
    }
  }

  @Test("Operations that end with the connection, at any byte, are sent once more")
  func cutAnywhere() async throws {
    let whole = Array((Reply.time + Reply.array([Reply.text("a")])).utf8)
    for count in 0..<whole.count {
      let server = try FakeServer { command in
        if command.connection > 0 || command.name == "HELLO" { return Reply.echo(command) }
        return command.name == "TIME" ? .silence : .end(after: Array(whole[..<count]))
      }
      #expect(try await server.tier().texts(["a"]) == ["a"])
      #expect(server.commands.map(\.connection) == [0, 0, 1, 1])
    }
  }

  @Test("Operations that end with the connection a second time fail")
  func cutTwice() async throws {
    let server = try FakeServer { $0.name == "TIME" ? .end(after: []) : nil }
    await #expect(throws: ValkeyError.connectionLost("closed by the server")) {
      try await server.tier().texts(["a"])
    }
    #expect(server.connectionCount == 2)
  }

  @Test("Operations without an answer in time fail, and their connection is not used again")
  func late() async throws {
    let server = try FakeServer { command in
      command.words.contains("v:a") ? .silence : Reply.echo(command)
    }
    let tier = try server.tier()
    #expect(try await tier.texts(["first"]) == ["first"])
    for limit in times(from: .milliseconds(20)) {
      await #expect(throws: ValkeyError.timedOut(after: limit)) {
        try await tier.texts(["a"], within: limit)
      }
      #expect(try await tier.texts(["b"]) == ["b"])
      // On a busy machine the time may be over before anything is sent.
      if server.commands.contains(where: { $0.words.contains("v:a") }) { break }
    }
    #expect(server.commands.last { $0.words.contains("v:b") }?.connection == 1)
  }

  @Test("Operations that wait beside one that is late are sent on the next connection")
  func beside() async throws {
    let server = try FakeServer { command in
      command.connection == 0 && command.name != "HELLO" ? .silence : Reply.echo(command)
    }
    let tier = try server.tier()
    async let patient = tier.texts(["a"])
    try await eventually("the first has been sent") { server.commands.count == 2 }
    await #expect(throws: ValkeyError.timedOut(after: .seconds(1))) {
      try await tier.texts(["b"], within: .seconds(1))
    }
    #expect(try await patient == ["a"])
    #expect(server.connectionCount == 2)
  }

  @Test("An operation whose task is cancelled ends, and the replies to others stay theirs")
  func cancelled() async throws {
    let isHeld = Locked(true)
    let server = try FakeServer { command in
      if command.words.contains("v:held") {
        while isHeld.withLock({ $0 }) { usleep(1000) }
      }
      return Reply.echo(command)
    }
    let tier = try server.tier()
    let held = Task { try await tier.texts(["held"]) }
    try await eventually("it has been sent") { server.commands.count == 2 }
    held.cancel()
    await #expect(throws: CancellationError.self) { try await held.value }
    async let next = tier.texts(["b"])
    isHeld.withLock { $0 = false }
    #expect(try await next == ["b"])
    #expect(server.connectionCount == 1)
  }

  @Test("An operation of a task that is cancelled already ends as well")
  func cancelledBefore() async throws {
    let server = try FakeServer { $0.name == "HELLO" ? nil : .silence }
    let tier = try server.tier()
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await tier.texts(["a"])
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test("An operation without time fails without a connection")
  func noTime() async throws {
    let server = try FakeServer(Reply.echo)
    await #expect(throws: ValkeyError.timedOut(after: .zero)) {
      try await server.tier().texts(["a"], within: .zero)
    }
    #expect(server.connectionCount == 0)
  }

  @Test("A reply that is none of the protocol, or that nobody asked for, ends the connection")
  func malformed() async throws {
    for reply in ["?\r\n", Reply.time + Reply.array([Reply.text("a")]) + ":1\r\n"] {
      let server = try FakeServer { command in
        guard command.connection == 0, command.name == "MGET" else {
          return command.name == "TIME" && command.connection == 0 ? .silence : Reply.echo(command)
        }
        return .reply(reply)
      }
      let tier = try server.tier()
      if reply.hasPrefix("?") {
        await #expect(
          throws: ValkeyError.malformedReply("no type of reply begins with the byte 63")
        ) { try await tier.texts(["a"]) }
      } else {
        #expect(try await tier.texts(["a"]) == ["a"])
        try await eventually("the connection is closed") { server.openCount == 0 }
      }
      #expect(try await tier.texts(["b"]) == ["b"])
      #expect(server.connectionCount == 2)
    }
  }

  @Test("Messages that no command asked for are passed over")
  func pushes() async throws {
    let server = try FakeServer { command in
      guard case .reply(let text) = Reply.echo(command) else { return nil }
      return .reply(">2\r\n+message\r\n+x\r\n" + text + ">1\r\n:1\r\n")
    }
    let tier = try server.tier()
    for name in ["a", "b"] { #expect(try await tier.texts([name]) == [name]) }
    #expect(server.connectionCount == 1)
  }

  @Test("A server that has become a replica is left after its answer")
  func replica() async throws {
    let server = try FakeServer { command in
      if command.name == "HELLO" { return nil }
      return command.connection == 0
        ? .reply("-READONLY You can't write against a read only replica.\r\n") : .reply("+OK\r\n")
    }
    let tier = try server.tier()
    let entry = TierEntry(key: TierKey("a"), bytes: [1], timeToLive: .seconds(1))
    await #expect(throws: ValkeyError.self) { try await tier.store([entry], within: unreachedTime) }
    try await tier.store([entry], within: unreachedTime)
    #expect(server.commands.map(\.connection) == [0, 1])
  }

  @Test("A tier that is no longer used closes its connection")
  func released() async throws {
    let server = try FakeServer(Reply.echo)
    do {
      let tier = try server.tier()
      #expect(try await tier.texts(["a"]) == ["a"])
      #expect(server.openCount == 1)
    }
    try await eventually("the connection is closed") { server.openCount == 0 }
  }
}
