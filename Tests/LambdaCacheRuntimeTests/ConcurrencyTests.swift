import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheRuntime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Holds tasks until a number of them has come.
private actor Barrier {
  private var missing: Int
  private var waiters: [CheckedContinuation<Void, Never>] = []

  init(count: Int) { missing = count }

  func arrive() async {
    missing -= 1
    guard missing > 0 else {
      for waiter in waiters { waiter.resume() }
      waiters = []
      return
    }
    await withCheckedContinuation { waiters.append($0) }
  }
}

@Suite("Concurrent invocations", .prompt, .timeLimit(.minutes(10)))
struct ConcurrencyTests {
  private static func events(_ count: Int) -> [String] { (0..<count).map { "event-\($0)" } }

  @Test(
    "Concurrent invocations are handled at once, as many as Lambda demands, each with its answer")
  func allAtOnce() async throws {
    let events = Self.events(24)
    let server = try ConcurrentRuntimeAPI(events: events)
    let runtime = try server.runtime(concurrency: 8)
    #expect(runtime.maximumConcurrency == 8)
    // Nobody leaves a barrier of eight before eight are in their handlers.
    let barriers = (0..<3).map { _ in Barrier(count: 8) }
    let order = Locked(0)
    let serving = Task {
      try await runtime.runConcurrently { event, context in
        let turn = order.withLock { turn in
          defer { turn += 1 }
          return turn
        }
        await barriers[turn / 8].arrive()
        #expect(String(decoding: event, as: UTF8.self) == context.requestID)
        return event + Array("!".utf8)
      }
    }
    await server.waitUntil(answered: 24, waiting: 8)
    serving.cancel()
    try await serving.value
    #expect(server.answers == Dictionary(uniqueKeysWithValues: events.map { ($0, "\($0)!") }))
    #expect(server.connectionCount == 8)
  }

  @Test("Concurrent invocations know their own context, and leave the process's trace alone")
  func context() async {
    await #expect(processExitsWith: .success) {
      let server = try ConcurrentRuntimeAPI(events: ["a", "b"])
      let runtime = try server.runtime(concurrency: 2)
      let barrier = Barrier(count: 2)
      let serving = Task {
        try await runtime.runConcurrently { event, context in
          await barrier.arrive()
          let inherited = await Task { LambdaContext.current }.value
          guard LambdaContext.current == context, inherited == context,
            EnvironmentProbe.trace == nil
          else { fatalError("\(String(describing: LambdaContext.current))") }
          return Array((LambdaContext.current?.traceID ?? "none").utf8)
        }
      }
      await server.waitUntil(answered: 2)
      serving.cancel()
      try await serving.value
      guard server.answers == ["a": "Root=a", "b": "Root=b"], LambdaContext.current == nil else {
        fatalError("\(server.answers)")
      }
    }
  }

  @Test("Concurrent invocations may fail one by one")
  func failures() async throws {
    let server = try ConcurrentRuntimeAPI(events: Self.events(9))
    let runtime = try server.runtime(concurrency: 3)
    let serving = Task {
      try await runtime.runConcurrently { event, _ in
        if event.last == UInt8(ascii: "4") { throw StreamBroke() }
        return event
      }
    }
    await server.waitUntil(answered: 9)
    serving.cancel()
    try await serving.value
    #expect(server.answers.count == 8)
    #expect(server.failures.keys.sorted() == ["event-4"])
  }

  @Test(
    "Concurrent invocations are finished by the others when one task's conversation breaks down")
  func brokenLoop() async throws {
    let server = try ConcurrentRuntimeAPI(events: Self.events(4), refused: ["event-2"])
    let runtime = try server.runtime(concurrency: 4)
    let inHandlers = Barrier(count: 4)
    // The others answer only after the one has been refused.
    let serving = Task {
      try await runtime.runConcurrently { event, context in
        await inHandlers.arrive()
        if context.requestID != "event-2" { await server.waitUntilRefused() }
        return event
      }
    }
    await #expect(throws: LambdaRuntimeError.self) { try await Patience.awaitEnd(of: serving) }
    #expect(server.answers.keys.sorted() == Self.events(4))
    #expect(!server.hasGivenUp)
  }

  @Test("Concurrent invocations are all answered when the process receives SIGTERM")
  func termination() async {
    await #expect(processExitsWith: .success) {
      let server = try ConcurrentRuntimeAPI(events: ["a", "b", "c"])
      let inHandlers = Barrier(count: 3)
      try await server.runtime(concurrency: 4).runConcurrently { event, _ in
        await inHandlers.arrive()
        kill(getpid(), SIGTERM)
        return event
      }
      guard server.answers.count == 3 else { fatalError("\(server.answers)") }
    }
  }

  @Test("Concurrent invocations can stream their responses")
  func streams() async throws {
    let server = try ConcurrentRuntimeAPI(events: Self.events(6))
    let runtime = try server.runtime(concurrency: 3)
    let barriers = (0..<2).map { _ in Barrier(count: 3) }
    let order = Locked(0)
    let serving = Task {
      try await runtime.runStreamingConcurrently { event, _, response in
        let turn = order.withLock { turn in
          defer { turn += 1 }
          return turn
        }
        try await response.write(event)
        await barriers[turn / 3].arrive()
        try await response.write("!")
      }
    }
    await server.waitUntil(answered: 6)
    serving.cancel()
    try await serving.value
    #expect(server.answers["event-5"] == "event-5!")
    #expect(server.answers.count == 6)
  }

  @Test("Concurrent invocations are one at a time if Lambda asks for no more")
  func alone() async {
    await #expect(processExitsWith: .success) {
      let server = try ConcurrentRuntimeAPI(events: ["a"])
      let runtime = try server.runtime(concurrency: 1)
      let serving = Task {
        try await runtime.runConcurrently { event, _ in
          guard EnvironmentProbe.trace == "Root=a" else { fatalError("no trace") }
          return event
        }
      }
      await server.waitUntil(answered: 1, waiting: 1)
      serving.cancel()
      try await serving.value
      guard server.connectionCount == 1 else { fatalError("\(server.connectionCount)") }
    }
  }
}

@Suite("AWS_LAMBDA_MAX_CONCURRENCY")
struct MaximumConcurrencyTests {
  private static let api = ["AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1"]

  @Test(
    "AWS_LAMBDA_MAX_CONCURRENCY is read as a whole number",
    arguments: [("1", 1), ("16", 16), ("0064", 64)])
  func accepted(value: String, number: Int) throws {
    let environment = Self.api.merging(["AWS_LAMBDA_MAX_CONCURRENCY": value]) { $1 }
    #expect(try LambdaRuntime(environment: environment).maximumConcurrency == number)
  }

  @Test("AWS_LAMBDA_MAX_CONCURRENCY is 1 when it is not set")
  func missing() throws {
    #expect(try LambdaRuntime(environment: Self.api).maximumConcurrency == 1)
  }

  @Test(
    "AWS_LAMBDA_MAX_CONCURRENCY is refused with its value and what is accepted",
    arguments: ["", "0", "-1", "+1", "1.5", "many", " 4", "10001", "99999999999999999999"])
  func refused(value: String) {
    let environment = Self.api.merging(["AWS_LAMBDA_MAX_CONCURRENCY": value]) { $1 }
    #expect(
      throws: LambdaRuntimeError.invalidVariable(
        "AWS_LAMBDA_MAX_CONCURRENCY", value, accepted: "a whole number from 1 to 10000")
    ) { try LambdaRuntime(environment: environment) }
  }
}
