import LambdaCache
import TestSupport
import Testing

/// Runs one history against a cache and the model, step by step.
private final class LoadHistory {
  private let clock = ManualClock()
  private let loads = GatedLoads<Int, Int>()
  private let stage = Stage()
  private let cache: Cache<Int, Int>
  private var model: LoadModel
  private var tasks: [Task<Int, any Error>] = []
  private var checked: Set<Int> = []
  private var scope = InvocationScope(runsRefreshes: false)
  private(set) var steps: [LoadStep] = []

  init(script: LoadScript) {
    var loading = LoadPolicy(
      negativeTimeToLive: .seconds(script.negativeTimeToLive),
      finishesAbandonedLoads: script.finishesAbandoned)
    loading.transientBackOff = .constant(.seconds(script.backOff))
    loading.throttledBackOff = .constant(.seconds(script.backOff))
    cache = Cache(byteLimit: 1 << 20, timeToLive: .seconds(LoadScript.timeToLive)) {
      [clock] in
      $0.loading = loading
      $0.loading.staleWhileRevalidate = .seconds(script.staleWhileRevalidate)
      $0.loading.staleIfError = .seconds(script.staleIfError)
      $0.clock = clock
    }
    model = LoadModel(script: script)
  }

  private func nextStep(using random: inout SplitMix64) -> LoadStep {
    let key = random.number(0...2)
    switch random.number(0...20) {
    case 0...7: return .ask(key)
    case 8...9:
      return model.waiting.isEmpty ? .ask(key) : .cancel(asker: random.pick(model.waiting))
    case 10...12:
      return model.running.isEmpty ? .ask(key) : .succeed(load: random.pick(model.running))
    case 13...14:
      return model.running.isEmpty
        ? .ask(key) : .fail(load: random.pick(model.running), random.pick(LoadErrorClass.allCases))
    case 15: return random.oneIn(2) ? .write(key) : .remove(key)
    case 16: return random.oneIn(5) ? .removeAll : .write(key)
    case 17: return .askTooLate(key)
    case 18...19: return .advance(random.pick([1, 5, 9, 10, 16, 30, 70]))
    default: return .freeze(random.pick([1, 5, 30]))
    }
  }

  func run(steps count: Int, using random: inout SplitMix64) async throws {
    for _ in 0..<count { try await take(nextStep(using: &random)) }
    while let load = model.running.first { try await take(.succeed(load: load)) }
    #expect(model.waiting.isEmpty)
    #expect(cache.loadsUnderWay == 0)
    #expect(cache.checkInvariants() == [])
  }

  private func take(_ step: LoadStep) async throws {
    steps.append(step)
    switch step {
    case .ask(let key):
      model.ask(key)
      try await ask(key, in: scope)
    case .askTooLate(let key):
      model.ask(key, isTooLate: true)
      try await ask(key, in: InvocationScope(deadline: .now + .zero, runsRefreshes: false))
    case .cancel(let asker):
      model.cancel(asker)
      tasks[asker].cancel()
    case .succeed(let load):
      model.end(load, failing: nil)
      loads[load].gate.open(returning: LoadModel.value(of: load))
    case .fail(let load, let kind):
      model.end(load, failing: kind)
      loads[load].gate.open(throwing: ScriptedError(loadErrorClass: kind, load: load))
    case .write(let key): cache[key] = model.write(key)
    case .remove(let key):
      model.remove(key)
      cache.removeValue(forKey: key)
    case .removeAll:
      model.removeAll()
      cache.removeAll()
    case .advance(let seconds):
      model.now += seconds
      clock.advance(by: .seconds(seconds))
    case .freeze(let seconds): try await freeze(seconds)
    }
    try await check()
  }

  private func ask(_ key: Int, in scope: InvocationScope) async throws {
    tasks.append(
      try await InvocationScope.$current.withValue(scope) {
        try await stage.ask(cache, for: key, orLoad: loads.load)
      })
  }

  private func freeze(_ seconds: Int) async throws {
    model.now += seconds
    model.scope += 1
    await scope.finish()
    clock.advance(by: .seconds(seconds))
    scope = InvocationScope(runsRefreshes: false)
  }

  private func check() async throws {
    let (loads, cache, stage, model) = (loads, cache, stage, model)
    try await eventually("\(steps): \(model.loads.count) loads, \(model.answers.count) answers") {
      let statistics = cache.statistics
      return await stage.answeredCount >= model.answers.count && loads.count >= model.loads.count
        && statistics.loadSuccesses >= model.successes && statistics.failedLoads >= model.failures
    }
    let statistics = cache.statistics
    try #require(loads.count == model.loads.count, "\(steps)")
    try #require(await stage.answeredCount == model.answers.count, "\(steps)")
    try #require(statistics.loadSuccesses == model.successes, "\(steps)")
    try #require(statistics.failedLoads == model.failures, "\(steps)")
    try #require(statistics.discardedLoads == model.discarded, "\(steps)")
    for load in model.loads.indices {
      try #require(loads[load].key == model.loads[load].key, "\(steps)")
      if model.loads[load].isCancelled {
        try await eventually("\(steps): load \(load) is cancelled") {
          loads[load].cancellation.isRaised
        }
      } else if !model.loads[load].hasEnded {
        try #require(!loads[load].cancellation.isRaised, "\(steps): load \(load)")
      }
    }
    for (asker, expected) in model.answers where checked.insert(asker).inserted {
      try #require(await answer(of: asker) == expected, "\(steps): asker \(asker)")
    }
    for key in 0...2 {
      try #require(
        cache.peekValue(forKey: key) == model.freshValue(of: key), "\(steps): key \(key)")
    }
  }

  private func answer(of asker: Int) async -> LoadAnswer? {
    do {
      return .value(try await tasks[asker].answer())
    } catch let error as ScriptedError {
      return .error(error.loadErrorClass, load: error.load)
    } catch is CancellationError {
      return .cancelled
    } catch CacheLoadError.tooLittleTime {
      return .late
    } catch {
      return nil
    }
  }
}

@Suite("Read-through, step by step against a model", .timeLimit(.minutes(15)))
struct LoadInterleavingTests {
  @Test("Read-through gives every caller the model's answer, in every order of events")
  func histories() async throws {
    for history in 0..<Fuzz.count(orElse: 150) {
      var random = SplitMix64(seed: Fuzz.seed &+ UInt64(history))
      let run = LoadHistory(script: LoadScript(using: &random))
      do {
        try await run.run(steps: 40, using: &random)
      } catch {
        Issue.record("history \(Fuzz.seed &+ UInt64(history)) failed: \(error), after \(run.steps)")
        return
      }
    }
  }
}

extension CacheStatistics {
  /// Loads that have brought no value.
  fileprivate var failedLoads: Int { loadFailures + loadsNotFound }
}
