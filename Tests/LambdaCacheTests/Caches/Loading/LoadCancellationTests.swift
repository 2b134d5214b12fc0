import Synchronization
import TestSupport
import Testing

@testable import LambdaCache

@Suite("Cancelling callers of a load", .timeLimit(.minutes(15)))
struct LoadCancellationTests {
  private let cache = Cache<Int, Int>(byteLimit: 1 << 20)
  private let loads = GatedLoads<Int, Int>()
  private let stage = Stage()

  private final class Reason: Error {}

  @Test(
    "Cancelling callers of a load lets each of them leave at once and alone, whichever it is",
    arguments: [[0], [1], [4], [0, 1], [0, 1, 2, 3], [4, 3, 2, 1]])
  func leaveAlone(leaving: [Int]) async throws {
    let tasks = try await stage.ask(cache, for: 1, times: 5, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    for place in leaving {
      tasks[place].cancel()
      #expect(try await tasks[place].isCancelledAnswer())
    }
    #expect(await stage.answeredCount == leaving.count)
    #expect(!loads[0].cancellation.isRaised)
    loads[0].gate.open(returning: 8)
    for place in tasks.indices where !leaving.contains(place) {
      #expect(try await tasks[place].answer() == 8)
    }
    #expect(loads.count == 1)
    #expect(cache[1] == 8)
  }

  /// A caller cancelled before it waits, and out of time when it does, learns of it once.
  @Test(
    "A caller that is cancelled and runs out of time, both at once, leaves its load once",
    arguments: [false, true])
  func leaveTwice(waits: Bool) async throws {
    let load = KeyedLoad<Int, Int>(key: 1, hash: 1)
    let waiter = LoadWaiter()
    for _ in 0..<2 { load.join() }
    #expect(load.cancelWaiting(waiter, reason: CancellationError()).isCancelled)
    if waits {
      await withCheckedContinuation { continuation in
        if !load.wait(waiter, continuation) { continuation.resume() }
      }
      #expect(waiter.reason is CancellationError)
    }
    #expect(!load.cancelWaiting(waiter, reason: TimedOut()).isCancelled)
    #expect(load.interestedCount == 1)
  }

  @Test(
    "Cancelling callers of a load leaves nothing of them, however long the load goes on",
    arguments: [false, true])
  func nothingIsLeft(waits: Bool) async throws {
    let load = KeyedLoad<Int, Int>(key: 1, hash: 1)
    load.join()
    weak var left: LoadWaiter?
    weak var reason: Reason?
    for _ in 0..<3 {
      let waiter = LoadWaiter()
      let given = Reason()
      (left, reason) = (waiter, given)
      load.join()
      if waits {
        await withCheckedContinuation { continuation in
          let isWaiting = load.wait(waiter, continuation)
          #expect(isWaiting && load.waitingCount == 1)
          let (waiting, isCancelled) = load.cancelWaiting(waiter, reason: given)
          #expect(isCancelled)
          waiting?.resume()
        }
      } else {
        #expect(load.cancelWaiting(waiter, reason: given).isCancelled)
      }
    }
    #expect(left == nil && reason == nil)
    #expect(load.interestedCount == 1 && load.waitingCount == 0)
  }

  @Test("Cancelling the last caller cancels the load, and a later caller starts another")
  func lastOneCancelsTheLoad() async throws {
    let tasks = try await stage.ask(cache, for: 1, times: 3, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    for (place, task) in tasks.enumerated() {
      #expect(!loads[0].cancellation.isRaised, "cancelled with \(3 - place) still waiting")
      task.cancel()
      #expect(try await task.isCancelledAnswer())
    }
    try await eventually("the load is cancelled") { loads[0].cancellation.isRaised }

    let later = try await stage.ask(cache, for: 1, orLoad: loads.load)
    try await eventually("another load begins") { loads.count == 2 }
    #expect(!loads[1].cancellation.isRaised)
    loads[0].gate.open(returning: 1)
    try await eventually("the first load ends") { cache.statistics.loadSuccesses == 1 }
    #expect(!cache.contains(1), "what an abandoned load returned was stored")
    #expect(await stage.answeredCount == 3, "somebody was given what an abandoned load returned")
    loads[1].gate.open(returning: 2)
    #expect(try await later.answer() == 2)
    #expect(cache[1] == 2)
  }

  @Test("An abandoned load that ends does not undo a value that a later load has stored")
  func abandonedLoadEndsLast() async throws {
    let first = try await stage.ask(cache, for: 1, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    first.cancel()
    #expect(try await first.isCancelledAnswer())
    let second = try await stage.ask(cache, for: 1, orLoad: loads.load)
    try await eventually("another load begins") { loads.count == 2 }
    loads[1].gate.open(returning: 2)
    #expect(try await second.answer() == 2)
    loads[0].gate.open(returning: 1)
    try await eventually("the first load ends") { cache.statistics.loadSuccesses == 2 }
    #expect(cache[1] == 2)
  }

  @Test("Callers that are cancelled before they ask get no answer, unless the cache has it")
  func cancelledBeforehand() async throws {
    cache[2] = 20
    let begin = Gate<Void>()
    let miss = Task {
      try? await begin.pass()
      return try await cache.value(forKey: 1, orLoad: loads.load)
    }
    let hit = Task {
      try? await begin.pass()
      return try await cache.value(forKey: 2, orLoad: loads.load)
    }
    miss.cancel()
    hit.cancel()
    begin.open()
    #expect(try await miss.isCancelledAnswer())
    #expect(try await hit.answer() == 20)
    #expect(try await cache.value(forKey: 1) { _ in 11 } == 11)
    try await eventually("the abandoned load begins") { loads.count == 1 }
    loads[0].gate.open(returning: 10)
    try await eventually("both loads end") { cache.statistics.loadSuccesses == 2 }
    #expect(cache[1] == 11)
  }

  @Test("Cancelling the last caller of an overtaken load still cancels it")
  func overtakenAndAbandoned() async throws {
    let task = try await stage.ask(cache, for: 1, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    cache[1] = 5
    task.cancel()
    #expect(try await task.isCancelledAnswer())
    try await eventually("the load is cancelled") { loads[0].cancellation.isRaised }
    loads[0].gate.open(returning: 1)
    try await eventually("the load ends") { cache.statistics.loadSuccesses == 1 }
    #expect(cache[1] == 5)
  }

  @Test("Cancelling callers of an overtaken load leaves its successor alone")
  func overtakenLoadsAreApart() async throws {
    let first = try await stage.ask(cache, for: 1, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    cache.removeValue(forKey: 1)
    let second = try await stage.ask(cache, for: 1, orLoad: loads.load)
    try await eventually("another load begins") { loads.count == 2 }
    first.cancel()
    #expect(try await first.isCancelledAnswer())
    try await eventually("the first load is cancelled") { loads[0].cancellation.isRaised }
    #expect(!loads[1].cancellation.isRaised)
    let third = try await stage.ask(cache, for: 1, orLoad: loads.load)
    #expect(loads.count == 2, "the second load was forgotten")
    loads[1].gate.open(returning: 2)
    #expect(try await second.answer() == 2)
    #expect(try await third.answer() == 2)
    loads[0].gate.open(returning: 1)
    try await eventually("the first load ends") { cache.statistics.loadSuccesses == 2 }
    #expect(cache[1] == 2)
  }

  @Test("A caller cancelled while its load ends gets either the value or a cancellation")
  func cancellingRacesWithTheEnd() async throws {
    for round in 0..<300 {
      let gate = Gate<Int>()
      let isLoading = Flag()
      let tasks = (0..<6).map { _ in
        Task {
          try await cache.value(forKey: round) { _ in
            isLoading.raise()
            return try await gate.pass()
          }
        }
      }
      try await eventually("a load begins") { isLoading.isRaised }
      async let cancelled: Void = { for task in tasks[..<4] { task.cancel() } }()
      gate.open(returning: round)
      await cancelled
      for task in tasks[..<4] {
        do {
          #expect(try await task.answer() == round)
        } catch {
          #expect(error is CancellationError)
        }
      }
      for task in tasks[4...] { #expect(try await task.answer() == round) }
    }
  }
}
