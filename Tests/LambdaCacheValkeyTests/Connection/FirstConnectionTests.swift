import Foundation
import LambdaCache
import LambdaCacheHandlers
import TestSupport
import Testing

@testable import LambdaCacheValkey

@Suite("The first connection of a tier", .timeLimit(.minutes(10)))
struct FirstConnectionTests {
  @Test("A server that greets slowly does not count as one that fails, and is used later")
  func slow() async throws {
    let isHeld = Locked(true)
    let server = try FakeServer { command in
      switch command.name {
      case "HELLO":
        while isHeld.withLock({ $0 }) { usleep(1000) }
        return nil
      case "EVALSHA" where command.words[1] == Script.fetch.digest:
        let clock = ["1700000000", "123456"].map(Reply.text)
        return .reply(
          Reply.array(clock + [Reply.array([Reply.text(nil)]), Reply.array([":1\r\n"]), "*0\r\n"]))
      default: return .reply(":1\r\n")
      }
    }
    // So long that only the connection ends it.
    let engine = try server.tier { $0.connectLimit = .seconds(3_600) }
    #expect(!engine.isConnecting)
    // By the test's clock loads take no time, so that the engine has all of its budget.
    let clock = ManualClock()
    let tier = SecondTier(engine, timeBudget: .milliseconds(50), clock: clock)
    let cache = Cache<Int, String>(byteLimit: 1 << 16)
    for number in 0..<10 {
      let value = try await cache.value(forKey: number, through: tier, codec: .text) { "\($0)" }
      #expect(value == "\(number)")
    }
    #expect(engine.isConnecting)
    #expect(tier.statistics.failures == 0)
    #expect(tier.statistics.skippedCalls == 10)
    #expect(tier.statistics.grantedLeases == 0)
    isHeld.withLock { $0 = false }
    try await eventually("the connection is made") { !engine.isConnecting }
    // Calls may be late on a busy machine: then the next is made after the pause.
    let number = Locked(10)
    try await eventually("the tier is read") {
      clock.advance(by: .seconds(60))
      let next = number.increment()
      _ = try? await cache.value(forKey: next, through: tier, codec: .text) { "\($0)" }
      return tier.statistics.grantedLeases > 0
    }
    #expect(server.connectionCount >= 1)
  }

  @Test("Once the time for connecting is over the server counts as one that does not answer")
  func overdue() async throws {
    let server = try FakeServer { _ in .silence }
    let engine = try server.tier { $0.connectLimit = .milliseconds(10) }
    let status = ConnectionStatus()
    #expect(!status.isConnecting)
    status.begin(within: .seconds(3_600))
    #expect(status.isConnecting)
    status.finish()
    #expect(!status.isConnecting)
    status.begin(within: .zero)
    #expect(!status.isConnecting)
    await #expect(throws: ValkeyError.self) {
      try await engine.texts(["a"], within: .milliseconds(50))
    }
    try await eventually("the attempt is over") { !engine.isConnecting }
  }
}
