import LambdaCache
import Synchronization
import TestSupport
import Testing

/// Counts tokens that are alive.
private final class Tokens: Sendable {
  private let alive = Atomic<Int>(0)

  var aliveCount: Int { alive.load(ordering: .sequentiallyConsistent) }

  func make() -> Token { Token(tokens: self) }

  /// An object that a cache or a load holds.
  final class Token: Error, Sendable {
    private let tokens: Tokens

    fileprivate init(tokens: Tokens) {
      self.tokens = tokens
      tokens.alive.add(1, ordering: .sequentiallyConsistent)
    }

    deinit {
      tokens.alive.subtract(1, ordering: .sequentiallyConsistent)
    }
  }
}

/// Keys, values, errors and what loading closures hold are tokens here, so a load that is kept by
/// mistake keeps one alive.
@Suite("Nothing is left of a load", .timeLimit(.minutes(15)))
struct LoadLifetimeTests {
  private struct Key: Hashable, Sendable {
    let number: Int
    let token: Tokens.Token

    static func == (first: Key, second: Key) -> Bool { first.number == second.number }

    func hash(into hasher: inout Hasher) { hasher.combine(number) }
  }

  enum Ending: CaseIterable {
    case success
    case failure
    case allCancelled
    case starterCancelled
    case removedMeanwhile
    case writtenMeanwhile
    case rejected
    case recursive
    case cacheDropped
  }

  private let tokens = Tokens()
  private let stage = Stage()

  private func makeCache(byteLimit: Int = 1 << 20) -> Cache<Key, Tokens.Token> {
    Cache(byteLimit: byteLimit, heapByteCount: { _, _ in 32 })
  }

  @Test("Nothing is left of a load, however it ended", arguments: Ending.allCases)
  func nothingIsLeft(after ending: Ending) async throws {
    for round in 0..<20 { try await end(round, ending) }
    try await eventually("every token is gone") { tokens.aliveCount == 0 }
  }

  private func end(_ number: Int, _ ending: Ending) async throws {
    let tokens = tokens
    var cache = makeCache(byteLimit: ending == .rejected ? 0 : 1 << 20)
    let key = Key(number: number, token: tokens.make())
    let loads = GatedLoads<Key, Tokens.Token>()
    let held = tokens.make()
    let asking: @Sendable (Key) async throws -> Tokens.Token = { [cache] key in
      defer { withExtendedLifetime(held) {} }
      if ending == .recursive { return try await cache.value(forKey: key, orLoad: loads.load) }
      return try await loads.load(key)
    }
    let tasks = try await stage.ask(cache, for: key, times: 8, orLoad: asking)
    if ending != .recursive { try await eventually("the load begins") { loads.count == 1 } }
    switch ending {
    case .success, .rejected, .recursive: break
    case .failure: loads[0].gate.open(throwing: tokens.make())
    case .allCancelled: for task in tasks { task.cancel() }
    case .starterCancelled: tasks[0].cancel()
    case .removedMeanwhile: cache.removeValue(forKey: Key(number: number, token: tokens.make()))
    case .writtenMeanwhile: cache[key] = tokens.make()
    case .cacheDropped: cache = makeCache()
    }
    if ending == .allCancelled {
      for task in tasks { #expect(try await task.isCancelledAnswer()) }
    }
    if loads.count > 0, ending != .failure { loads[0].gate.open(returning: tokens.make()) }
    for task in tasks { _ = try? await task.answer() }
    #expect(tokens.aliveCount > 0, "the count counts nothing")
  }

  @Test(
    "Nothing is left of ten thousand callers of a thousand keys, with cancellations and failures")
  func manyLoads() async throws {
    let tokens = tokens
    do {
      let cache = makeCache(byteLimit: 65_536)
      let tasks = (0..<10_000).map { number in
        Task {
          try await cache.value(forKey: Key(number: number % 1000, token: tokens.make())) { key in
            await Task.yield()
            if key.number % 7 == 0 { throw tokens.make() }
            return tokens.make()
          }
        }
      }
      for place in stride(from: 0, to: tasks.count, by: 3) { tasks[place].cancel() }
      for (place, task) in tasks.enumerated() {
        do {
          _ = try await task.answer()
        } catch is CancellationError {
          #expect(place % 3 == 0, "somebody was cancelled whom nobody cancelled")
        } catch is Tokens.Token {
          #expect(place % 1000 % 7 == 0, "somebody got the error of another key")
        }
      }
      let statistics = cache.statistics
      #expect(statistics.requests == 10_000)
      #expect(statistics.byteCount <= 65_536)
    }
    try await eventually("every token is gone") { tokens.aliveCount == 0 }
  }
}
