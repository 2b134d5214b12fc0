import LambdaCache
import LambdaCacheHandlers
import TestSupport
import Testing

@testable import LambdaCacheValkey

@Suite("What a connection authenticates with", .timeLimit(.minutes(10)))
struct CredentialTests {
  /// A server that ends each connection with its first command.
  private func server() throws -> FakeServer {
    try FakeServer { $0.name == "HELLO" ? nil : .end(after: []) }
  }

  @Test("A closure that suspends makes a token for each connection, and may block as well")
  func suspends() async throws {
    let server = try FakeServer { command in
      command.connection < 2 && command.name == "TIME" ? .end(after: []) : Reply.echo(command)
    }
    let count = Locked(0)
    let tier = try server.tier { options in
      options.credentials = .token(userName: "ada") {
        let number = count.increment()
        if number == 1 { await Task.yield() }
        if number == 2 { try await Task.sleep(for: .milliseconds(1)) }
        return "token \(number)"
      }
    }
    for _ in 0..<3 { _ = try? await tier.texts(["a"]) }
    #expect(try await tier.texts(["a"]) == ["a"])
    #expect(server.greetings.map { $0.words[4] } == ["token 1", "token 2", "token 3"])
  }

  @Test("A token that does not come within the time of a connection is a failure of that")
  func tooLate() async throws {
    let server = try server()
    let isCancelled = Locked(false)
    let tier = try server.tier { options in
      options.connectLimit = .milliseconds(20)
      options.credentials = .token(userName: "ada") {
        do {
          try await Task.sleep(for: .seconds(3_600))
        } catch {
          // What it does now has no thread that waits for it.
          for _ in 0..<3 { await Task.yield() }
          isCancelled.withLock { $0 = true }
        }
        return "late"
      }
    }
    await #expect(
      throws: ValkeyError.notAuthenticated("no password was made within 0.02 seconds")
    ) { try await tier.texts(["a"]) }
    #expect(server.connectionCount == 0)
    // It goes on to its end elsewhere.
    try await eventually("the closure ends") { isCancelled.withLock { $0 } }
  }

  @Test("A closure without a token is a failure of the engine for those that read through it")
  func counted() async throws {
    struct NoRole: Error {}
    let server = try server()
    let calls = Locked(0)
    let engine = try server.tier { options in
      options.firstPause = .zero
      options.credentials = .token(userName: "ada") {
        calls.withLock { $0 += 1 }
        throw NoRole()
      }
    }
    // By a clock that stands still no pause is over.
    let tier = SecondTier(engine, timeBudget: unreachedTime, clock: ManualClock())
    let cache = Cache<String, String>(byteLimit: 1 << 16)
    for number in 0..<5 {
      #expect(
        try await cache.value(forKey: "\(number)", through: tier, codec: .text) { $0 }
          == "\(number)")
    }
    #expect(tier.statistics.failures == 3)
    #expect(calls.withLock { $0 } == 3)
    #expect(server.connectionCount == 0)
  }

  @Test("No password is in what a server answers, nor in what options look like")
  func hidden() async throws {
    let secret = "hunter2 éé"
    for isHello in [true, false] {
      let server = try FakeServer { command in
        if command.name == "HELLO" {
          return .reply(
            isHello ? "-ERR words: '3', '\(secret)\(secret)' x\r\n" : "-NOPROTO sorry\r\n")
        }
        return .reply("-ERR unknown command 'AUTH', with args beginning with: '\(secret)'\r\n")
      }
      let tier = try server.tier { options in
        options.credentials = .password(secret)
        options.firstPause = unreachedTime * 2
        options.longestPause = unreachedTime * 2
        options.choosePause = { $0 }
      }
      let error = await #expect(throws: ValkeyError.self) {
        try await tier.texts(["a"])
      }
      let text = try #require(error).description
      #expect(text.contains("***"), "\(text)")
      #expect(!text.contains("hunter2"), "\(text)")
    }
    var options = ValkeyOptions()
    options.credentials = .password(secret)
    var dumped = String(reflecting: options)
    dump(options, to: &dumped)
    #expect(!dumped.contains("hunter2"))
  }

  @Test("Hiding replaces each place of a secret, and nothing where there is none")
  func hiding() {
    func hidden(_ text: String, _ secret: String) -> String {
      String(decoding: [UInt8](text.utf8).hiding([UInt8](secret.utf8)), as: UTF8.self)
    }
    #expect(hidden("aXbXX", "X") == "a***b******")
    #expect(hidden("abc", "abcd") == "abc")
    #expect(hidden("aab", "ab") == "a***")
    #expect(hidden("abc", "") == "abc")
  }
}
