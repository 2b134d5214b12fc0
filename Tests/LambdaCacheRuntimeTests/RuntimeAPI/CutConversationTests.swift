import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheRuntime

/// Connections that break anywhere: no event that was delivered is left unanswered, and none is
/// handled that was not.
@Suite("A conversation that is cut", .timeLimit(.minutes(10)))
struct CutConversationTests {
  typealias Cut = CuttingRuntimeAPI.Cut

  private static func events(_ count: Int) -> [String] { (0..<count).map { "event-\($0)" } }

  /// Serves all events, and returns how often each was handled.
  private func serveAll(
    _ server: CuttingRuntimeAPI, concurrency: Int, streams: Bool = false
  ) async throws -> [String: Int] {
    let handled = Locked<[String: Int]>([:])
    let runtime = try server.runtime(concurrency: concurrency)
    let serving = Task {
      if streams {
        try await runtime.runStreamingConcurrently { event, context, response in
          handled.withLock { $0[context.requestID, default: 0] += 1 }
          try await response.write(event)
        }
      } else {
        try await runtime.runConcurrently { event, context in
          handled.withLock { $0[context.requestID, default: 0] += 1 }
          return event
        }
      }
    }
    // If it ends by itself, there is nothing to wait for.
    await withTaskGroup { group in
      group.addTask { await server.waitUntilDone(idle: concurrency) }
      group.addTask { _ = await serving.result }
      await group.next()
      serving.cancel()
      group.cancelAll()
    }
    try await serving.value
    return handled.withLock { $0 }
  }

  @Test(
    "A conversation that is cut once, at any place in any way, goes on with all events answered",
    arguments: Cut.allCases, [false, true])
  func once(_ cut: Cut, isReset: Bool) async throws {
    for concurrency in [1, 3] {
      let events = Self.events(12)
      let isLeft = Locked(true)
      let server = try CuttingRuntimeAPI(events: events) { isNext, _ in
        guard Cut.ofNext.contains(cut) == isNext else { return nil }
        return isLeft.withLock { isLeft in
          defer { isLeft = false }
          return isLeft ? (cut, isReset) : nil
        }
      }
      let handled = try await serveAll(server, concurrency: concurrency)
      let state = server.state
      #expect(state.cuts == 1)
      #expect(state.answers == Dictionary(uniqueKeysWithValues: events.map { ($0, $0) }))
      #expect(state.deliveries.values.allSatisfy { $0 == 1 })
      #expect(handled == state.deliveries)
      #expect(state.repetitions == ([.beforeReceipt, .withinReceipt].contains(cut) ? 1 : 0))
    }
  }

  @Test(
    "A conversation that is cut at random answers every delivered event, and handles each once",
    arguments: [(1, 0.05), (8, 0.001), (8, 0.05), (8, 0.1)])
  func random(concurrency: Int, rate: Double) async throws {
    let events = Self.events(60 * FuzzEnvironment.iterations(orElse: 10))
    let seed = FuzzEnvironment.seed
    let generator = Locked(SplitMix64(seed: seed))
    let server = try CuttingRuntimeAPI(events: events) { isNext, _ in
      generator.withLock { generator in
        guard Double.random(in: 0..<1, using: &generator) < rate else { return nil }
        let cuts = isNext ? Cut.ofNext : Cut.ofPost
        guard let cut = cuts.randomElement(using: &generator) else { return nil }
        return (cut, Bool.random(using: &generator))
      }
    }
    let handled = try await serveAll(server, concurrency: concurrency)
    let state = server.state
    #expect(state.cuts > 0 || rate < 0.01, "seed \(seed)")
    #expect(
      state.answers == Dictionary(uniqueKeysWithValues: events.map { ($0, $0) }), "seed \(seed)")
    #expect(state.deliveries.values.allSatisfy { $0 == 1 }, "seed \(seed)")
    #expect(handled == state.deliveries, "seed \(seed)")
  }

  @Test("A conversation cut while it streams responses goes on, with every invocation ended")
  func streams() async throws {
    let events = Self.events(100)
    let generator = Locked(SplitMix64(seed: FuzzEnvironment.seed))
    let server = try CuttingRuntimeAPI(events: events) { isNext, _ in
      generator.withLock { generator in
        guard Double.random(in: 0..<1, using: &generator) < 0.1 else { return nil }
        return ((isNext ? Cut.ofNext : Cut.ofPost).randomElement(using: &generator)!, false)
      }
    }
    let handled = try await serveAll(server, concurrency: 4, streams: true)
    let state = server.state
    #expect(Set(state.answers.keys) == Set(events))
    #expect(handled == state.deliveries)
    #expect(state.answers.allSatisfy { $1 == $0 || $1.contains("Runtime.TruncatedResponse") })
  }

  @Test(
    "A conversation that every peer cuts ends after eight attempts, and the others are answered")
  func hopeless() async throws {
    let events = Self.events(3)
    let isHopeless = Locked(false)
    let server = try CuttingRuntimeAPI(events: events) { isNext, connection in
      // The first conversation that has been answered is cut, and then every new connection.
      guard isNext else { return nil }
      if connection >= 3 { return (.withinEventHead, false) }
      return isHopeless.withLock { $0 } ? (.beforeEvent, false) : nil
    }
    let runtime = try server.runtime(concurrency: 3)
    let order = Locked(0)
    let (gates, gate) = AsyncStream.makeStream(of: Void.self)
    let serving = Task {
      try await runtime.runConcurrently { event, _ in
        let turn = order.increment()
        if turn == 3 {
          // All three are in their handlers: this one is answered, and then cannot go on.
          isHopeless.withLock { $0 = true }
          gate.finish()
          return event
        }
        for await _ in gates {}
        return event
      }
    }
    let error = await #expect(throws: LambdaRuntimeError.self) {
      try await Patience.awaitEnd(of: serving)
    }
    #expect(error?.operation == .next)
    guard case .connectionLost = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(server.state.answers.count == 3)
  }
}
