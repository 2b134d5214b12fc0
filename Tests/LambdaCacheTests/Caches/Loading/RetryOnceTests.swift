import LambdaCache
import TestSupport
import Testing

@Suite("Values that turn out to be invalid", .timeLimit(.minutes(15)))
struct RetryOnceTests {
  private struct Rejected: Error {}
  private let cache = Cache<String, Int>(byteLimit: 1 << 20)
  private let secret = Locked(1)
  private let loads = Locked(0)

  private func use(_ body: @Sendable (Int) async throws -> Int) async throws -> Int {
    try await cache.invalidateAndRetryOnce(
      forKey: "secret", if: { $0 is Rejected },
      orLoad: { [loads, secret] _ in
        loads.withLock { $0 += 1 }
        return secret.withLock { $0 }
      }, body)
  }

  private func login(_ password: Int) throws -> Int {
    guard password == secret.withLock({ $0 }) else { throw Rejected() }
    return password
  }

  @Test("Values that turn out to be invalid are loaded again and used once more")
  func rotated() async throws {
    #expect(try await use(login) == 1)
    secret.withLock { $0 = 2 }
    #expect(try await use(login) == 2)
    #expect(try await use(login) == 2)
    #expect(loads.withLock { $0 } == 2)
  }

  @Test("Invalid values are not tried a third time, and other errors are not tried again")
  func once() async throws {
    struct Other: Error {}
    let uses = Locked(0)
    await #expect(throws: Rejected.self) {
      try await use { _ in
        uses.withLock { $0 += 1 }
        throw Rejected()
      }
    }
    #expect(uses.withLock { $0 } == 2)
    #expect(loads.withLock { $0 } == 2)
    await #expect(throws: Other.self) { try await use { _ in throw Other() } }
    #expect(loads.withLock { $0 } == 2)
  }

  @Test(
    "Invalid values are loaded again once by all callers that use the same one",
    arguments: [false, true])
  func concurrent(isRotated: Bool) async throws {
    let gate = Gate<Void>()
    let waiting = Locked(0)
    let count = 100
    let tasks = (0..<count).map { _ in
      Task { [isRotated] in
        let isFirst = Locked(true)
        return try await use { password in
          let first = isFirst.withLock { first in
            defer { first = false }
            return first
          }
          guard first else {
            if isRotated { return try login(password) }
            return password
          }
          waiting.withLock { $0 += 1 }
          try await gate.pass()
          throw Rejected()
        }
      }
    }
    try await eventually("all use the first value") { waiting.withLock { $0 == count } }
    #expect(loads.withLock { $0 } == 1)
    if isRotated { secret.withLock { $0 = 2 } }
    gate.open()
    for task in tasks { #expect(try await task.answer() == (isRotated ? 2 : 1)) }
    #expect(loads.withLock { $0 } == 2)
  }
}
