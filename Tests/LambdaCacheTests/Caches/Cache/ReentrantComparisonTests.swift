import LambdaCache
import TestSupport
import Testing

/// A key whose comparison asks the cache.
private struct AskingKey: Hashable, Sendable {
  static let cache = Cache<AskingKey, Int>(byteLimit: 65_536) { _, _ in 0 }

  static func == (first: AskingKey, second: AskingKey) -> Bool { cache.isEmpty == false }

  func hash(into hasher: inout Hasher) {}
}

@Suite("An == that calls the cache that is comparing its keys", .prompt)
struct ReentrantComparisonTests {
  private func expectMessage(_ result: ExitTest.Result?) {
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("the == of a key called the cache that was comparing it"))
  }

  @Test("An == that calls the comparing cache ends the process with a message, in any operation")
  func endsTheProcess() async {
    expectMessage(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        endWithPatience()
        AskingKey.cache[AskingKey()] = 1
        _ = AskingKey.cache.value(forKey: AskingKey())
      })
    expectMessage(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        endWithPatience()
        for number in 1...2 { AskingKey.cache[AskingKey()] = number }
      })
    expectMessage(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        endWithPatience()
        AskingKey.cache[AskingKey()] = 1
        AskingKey.cache.removeValue(forKey: AskingKey())
      })
    expectMessage(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        endWithPatience()
        AskingKey.cache[AskingKey()] = 1
        _ = AskingKey.cache.peekValue(forKey: AskingKey())
      })
    expectMessage(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        endWithPatience()
        AskingKey.cache[AskingKey()] = 1
        _ = try await AskingKey.cache.value(forKey: AskingKey()) { _ in 2 }
      })
  }

  @Test("An == may call another cache than the comparing one")
  func anotherCache() {
    let cache = Cache<NeighbourlyKey, Int>(byteLimit: 65_536) { _, _ in 0 }
    for number in 1...100 { cache[NeighbourlyKey(number: number % 10)] = number }
    #expect(cache.count == 10)
    #expect(NeighbourlyKey.neighbour.statistics.hits > 0)
  }
}

/// A key whose comparison asks a cache that is not its own.
private struct NeighbourlyKey: Hashable, Sendable {
  static let neighbour = Cache<Int, Int>(byteLimit: 65_536)

  let number: Int

  static func == (first: NeighbourlyKey, second: NeighbourlyKey) -> Bool {
    neighbour[first.number] = first.number
    return neighbour[first.number] == second.number
  }

  func hash(into hasher: inout Hasher) { hasher.combine(number) }
}
