import LambdaCache
import LambdaCacheHandlers
import TestSupport
import Testing

@testable import LambdaCacheValkey

@Suite("Operations of a tier as commands", .timeLimit(.minutes(10)))
struct OperationTests {
  private static func key(_ name: String) -> TierKey { TierKey(name) }

  @Test("A fetch without leases and tags is TIME and MGET")
  func read() async throws {
    let server = try FakeServer { command in
      command.name == "MGET"
        ? .reply(Reply.array([Reply.text("1"), Reply.text(nil)])) : Reply.echo(command)
    }
    let tier = try server.tier { $0.keyPrefix = "{app}:" }
    let response = try await tier.fetch(
      TierRequest(keys: [Self.key("a"), Self.key("b")]), within: unreachedTime)
    #expect(
      response
        == TierResponse(
          values: [.init(bytes: [0x31]), .init(bytes: nil)], serverTime: Reply.milliseconds))
    #expect(server.commands.map(\.words) == [["TIME"], ["MGET", "{app}:v:a", "{app}:v:b"]])
    let none = try await tier.fetch(TierRequest(keys: []), within: unreachedTime)
    #expect(none == TierResponse(values: [], serverTime: Reply.milliseconds))
  }

  @Test("A fetch with leases and tags is a script, which an unknowing server is sent once")
  func script() async throws {
    let isKnown = Locked(false)
    let server = try FakeServer { command in
      switch command.name {
      case "EVALSHA" where !isKnown.withLock({ $0 }):
        return .reply("-NOSCRIPT No matching script.\r\n")
      case "EVAL", "EVALSHA":
        isKnown.withLock { $0 = true }
        return .reply(
          Reply.array([
            Reply.text("1700000000"), Reply.text("123456"),
            Reply.array([Reply.text("x"), Reply.text(nil)]), Reply.array([":0\r\n", ":1\r\n"]),
            Reply.array([Reply.text("77")]),
          ]))
      default: return nil
      }
    }
    let tier = try server.tier()
    let request = TierRequest(
      keys: [Self.key("a"), Self.key("b")], tags: [Self.key("t")],
      lease: .init(duration: .milliseconds(1500)))
    for _ in 0..<2 {
      let response = try await tier.fetch(request, within: unreachedTime)
      #expect(response.values.map(\.bytes) == [[0x78], nil])
      #expect(response.values[0].lease == .heldElsewhere)
      guard case .granted(let token) = response.values[1].lease else {
        Issue.record("\(response)")
        return
      }
      #expect(response.generations == [77])
      #expect(response.serverTime == Reply.milliseconds)
      #expect(
        Array(try #require(server.commands.last).words[2...])
          == ["5", "v:a", "v:b", "l:a", "l:b", "t:t", "2", String(token), "1500", "0"])
    }
    #expect(server.commands.map(\.name) == ["EVALSHA", "EVAL", "EVALSHA"])
    #expect(server.commands[1].words[1] == Script.fetch.text)
    #expect(server.commands[2].words[1] == Script.fetch.digest)
  }

  @Test("Values are stored with SET, and under leases by a script, in one round trip")
  func store() async throws {
    let server = try FakeServer { command in command.name == "HELLO" ? nil : .reply("+OK\r\n") }
    let tier = try server.tier()
    try await tier.store(
      [
        TierEntry(key: Self.key("a"), bytes: [0x31], timeToLive: .seconds(2)),
        TierEntry(key: Self.key("b"), bytes: [0x32], timeToLive: .microseconds(1), leaseToken: 9),
        TierEntry(key: Self.key("c"), bytes: [], timeToLive: .seconds(Int64.max)),
      ], within: unreachedTime)
    let words = server.commands.map(\.words)
    #expect(words[0] == ["SET", "v:a", "1", "PX", "2000"])
    #expect(words[1] == ["SET", "v:c", "", "PX", "1099511627776000"])
    #expect(words[2] == ["EVALSHA", Script.store.digest, "2", "v:b", "l:b", "2", "1", "9"])
    try await tier.store([], within: unreachedTime)
    #expect(server.commands.count == 3)
  }

  @Test("Values are removed with their leases, and tags are given generations by a script")
  func remove() async throws {
    let server = try FakeServer { command in command.name == "HELLO" ? nil : .reply(":1\r\n") }
    try await server.tier().remove(
      TierRemoval(keys: [Self.key("a"), Self.key("b")], tags: [Self.key("t")]),
      within: unreachedTime)
    #expect(
      server.commands.map(\.words) == [
        ["EVALSHA", Script.renew.digest, "1", "t:t"],
        ["UNLINK", "v:a", "l:a", "v:b", "l:b"],
      ])
  }

  @Test("A refusal of any command of an operation is its error")
  func refused() async throws {
    let server = try FakeServer { command in
      command.name == "HELLO"
        ? nil : command.words.contains("v:b") ? .reply("-OOM no room\r\n") : .reply("+OK\r\n")
    }
    let tier = try server.tier()
    let entries = ["a", "b", "c"].map {
      TierEntry(key: Self.key($0), bytes: [1], timeToLive: .seconds(1))
    }
    await #expect(throws: ValkeyError.refused("OOM no room")) {
      try await tier.store(entries, within: unreachedTime)
    }
    #expect(server.commands.count == 3)
    #expect(server.connectionCount == 1)
  }

  @Test(
    "Replies of the wrong types are errors that name them, and cost no connection",
    arguments: [
      "*0\r\n", ":1\r\n", "+OK\r\n", "_\r\n", "#t\r\n", "%0\r\n", "*1\r\n*1\r\n:1\r\n",
      "$1\r\na\r\n",
    ])
  func wrongTypes(reply: String) async throws {
    let server = try FakeServer { $0.name == "HELLO" ? nil : .reply(reply) }
    let tier = try server.tier()
    let lease = TierRequest.Lease(duration: .seconds(1))
    for request in [
      TierRequest(keys: [Self.key("a"), Self.key("b")]),
      TierRequest(keys: [Self.key("a")], lease: lease),
      TierRequest(keys: [], tags: [Self.key("t")]),
    ] {
      let error = await #expect(throws: ValkeyError.self) {
        try await tier.fetch(request, within: unreachedTime)
      }
      guard case .malformedReply = error else {
        Issue.record("\(reply): \(String(describing: error))")
        return
      }
    }
    #expect(server.connectionCount == 1)
  }

  @Test("An answer of fewer or more values than keys is an error", arguments: [0, 1, 3])
  func wrongCount(count: Int) async throws {
    let values = Array(repeating: Reply.text("x"), count: count)
    let server = try FakeServer { command in
      command.name == "MGET" ? .reply(Reply.array(values)) : Reply.echo(command)
    }
    await #expect(throws: ValkeyError.malformedReply("MGET: \(count) values")) {
      try await server.tier().texts(["a", "b"])
    }
  }

  @Test("A server of a cluster is an error that says what helps")
  func cluster() async throws {
    let server = try FakeServer { command in
      command.name == "MGET" ? .reply("-MOVED 3999 127.0.0.1:6381\r\n") : Reply.echo(command)
    }
    let error = await #expect(throws: ValkeyError.self) { try await server.tier().texts(["a"]) }
    #expect(error == .clusterRedirection("MOVED 3999 127.0.0.1:6381"))
    #expect(error?.description.contains("in braces") == true)
  }
}
