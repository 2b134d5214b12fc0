import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHandlers

/// Random histories of several environments that share an engine with faults.
///
/// The source has a version of each key, and the test knows when each was replaced. So it can say
/// of every answer whether it was right to give it, whatever caches and engine have done.
@Suite("Histories of a shared tier", .timeLimit(.minutes(15)))
struct SecondTierFuzzTests {
  @Test("No answer is wrong or past its time, and none fails because of the tier")
  func histories() async throws {
    for number in 0..<FuzzEnvironment.iterations(orElse: 60) {
      let seed = FuzzEnvironment.seed &+ UInt64(number)
      var history = History(seed: seed)
      for step in 0..<150 {
        let faults = try await history.step()
        #expect(faults.isEmpty, "seed \(seed), step \(step): \(faults)")
        if !faults.isEmpty { return }
      }
      await history.finish()
    }
  }
}

/// The database behind all environments.
private final class VersionedSource: Sendable {
  struct SourceDown: Error {}

  /// What a key has from some time on.
  struct Version {
    let value: String?
    /// How many versions of any key there were by then, this one included.
    let number: Int
    let since: Duration
  }

  struct State {
    var versions: [String: [Version]] = [:]
    var lastVersion = 0
    var isDown = false
    var failures = 0
  }

  let state = Locked(State())
  private let clock: ManualClock

  init(clock: ManualClock, keys: [String]) {
    self.clock = clock
    for key in keys { write(key, isAbsent: false) }
  }

  func write(_ key: String, isAbsent: Bool) {
    let now = clock.elapsed
    state.withLock { state in
      state.lastVersion += 1
      let value = isAbsent ? nil : "\(key) \(state.lastVersion)"
      state.versions[key, default: []].append(
        Version(value: value, number: state.lastVersion, since: now))
    }
  }

  @Sendable func load(_ key: String) async throws -> String? {
    clock.advance(by: .milliseconds(20))
    return try state.withLock { state -> Result<String?, any Error> in
      if state.isDown {
        state.failures += 1
        return .failure(SourceDown())
      }
      return .success(state.versions[key]?.last?.value)
    }.get()
  }

  /// The version that has replaced an answer; `nil` for the present version.
  ///
  /// - Throws: `NoVersion` if the key never had the value.
  func successor(of answer: String?, for key: String) throws -> Version? {
    let versions = state.withLock { $0.versions[key] ?? [] }
    guard let place = versions.lastIndex(where: { $0.value == answer }) else { throw NoVersion() }
    return place + 1 < versions.count ? versions[place + 1] : nil
  }

  struct NoVersion: Error {}

  /// How many versions of any key there are.
  var versionCount: Int { state.withLock { $0.lastVersion } }
}

private struct History {
  static let keys = ["ada", "bob", "cy", "dee"]
  static let life = Duration.milliseconds(1_000)
  static let negativeLife = Duration.milliseconds(400)
  static let window = Duration.milliseconds(600)

  private var random: SplitMix64
  private let clock = ManualClock(elapsed: .seconds(100))
  private let engine: FakeTier
  private let source: VersionedSource
  private let environments: [TierEnvironment]
  private var scopes: [InvocationScope?]
  /// For each key the number of versions when it was last removed from the tier.
  private var removals: [String: Int] = [:]

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
    let clock = clock
    engine = FakeTier(clock: clock, seed: seed)
    source = VersionedSource(clock: clock, keys: Self.keys)
    let engine = engine
    let chances = Locked(SplitMix64(seed: seed &+ 1))
    environments = (0..<3).map { _ in
      TierEnvironment(
        engine, cacheTimeToLive: Self.life,
        loading: LoadPolicy(
          staleWhileRevalidate: .milliseconds(300), staleIfError: Self.window,
          negativeTimeToLive: Self.negativeLife),
        wait: { clock.advance(by: $0) },
        chance: { chances.withLock { Double($0.number(1...1_000)) / 1_000 } })
    }
    scopes = Array(repeating: nil, count: environments.count)
  }

  private static func tag(of key: String) -> String { key.count > 2 ? "long" : "short" }

  /// Takes one step.
  ///
  /// - Returns: What was wrong about it.
  mutating func step() async throws -> [String] {
    let place = random.number(0...environments.count - 1)
    let environment = environments[place]
    let key = random.pick(Self.keys)
    switch random.number(0...15) {
    case 0: clock.advance(by: .milliseconds(random.number(0...700)))
    case 1: source.write(key, isAbsent: random.oneIn(4))
    case 2:
      let isDown = random.oneIn(3)
      source.state.withLock { $0.isDown = isDown }
    case 3: engine.fault = random.oneIn(2) ? .none : random.pick(FakeTier.Fault.allCases)
    case 4: engine.evictGenerations()
    case 5:
      await endInvocation(place)
      scopes[place] = InvocationScope(runsRefreshes: !random.oneIn(4))
    case 6: await endInvocation(place)
    case 7: environment.cache.removeAll()
    case 8: await invalidate(key, in: environment)
    case 9, 10: return try await readSeveral(in: place)
    default: return try await read(key, in: place)
    }
    return []
  }

  private mutating func endInvocation(_ place: Int) async {
    // One that is not ended is dropped with what it has left to do.
    if !random.oneIn(5) { await scopes[place]?.finish() }
    scopes[place] = nil
  }

  mutating func finish() async {
    for scope in scopes { await scope?.finish() }
  }

  /// Changes the source and removes the key, or all with its tag.
  private mutating func invalidate(_ key: String, in environment: TierEnvironment) async {
    source.write(key, isAbsent: random.oneIn(4))
    do {
      if random.oneIn(2) {
        try await environment.cache.removeValue(forKey: key, through: environment.tier)
      } else {
        try await environment.cache.removeAll(
          tagged: Self.tag(of: key), through: environment.tier)
      }
      removals[key] = source.versionCount
    } catch {
      // The tier may have it still, for as long as any entry lives.
    }
  }

  private mutating func read(_ key: String, in place: Int) async throws -> [String] {
    let (environment, source) = (environments[place], source)
    // What this cache has itself may be from before a removal that another has made.
    let isCold = !environment.cache.contains(key) && random.oneIn(2)
    if isCold { environment.cache.removeValue(forKey: key) }
    let failures = source.state.withLock { $0.failures }
    let begin = clock.elapsed
    do {
      let value = try await InvocationScope.$current.withValue(scopes[place]) {
        try await environment.cache.optionalValue(
          forKey: key, through: environment.tier, codec: .text, tags: [Self.tag(of: key)],
          orLoad: source.load)
      }
      return check(value, of: key, since: begin, isCold: isCold)
    } catch is VersionedSource.SourceDown {
      let hasFailed = source.state.withLock { $0.failures } > failures
      return hasFailed ? [] : ["\(key) failed although its source did not"]
    } catch {
      return ["\(key) failed with \(error)"]
    }
  }

  private mutating func readSeveral(in place: Int) async throws -> [String] {
    let (environment, source) = (environments[place], source)
    let begin = clock.elapsed
    do {
      let values = try await InvocationScope.$current.withValue(scopes[place]) {
        try await environment.cache.values(
          forKeys: Self.keys, through: environment.tier, codec: .text,
          tags: { [Self.tag(of: $0)] }
        ) { keys in
          var values: [String: String] = [:]
          for key in keys { values[key] = try await source.load(key) }
          return values
        }
      }
      return Self.keys.flatMap { check(values[$0], of: $0, since: begin, isCold: false) }
    } catch is VersionedSource.SourceDown {
      return []
    } catch {
      return ["several keys failed with \(error)"]
    }
  }

  /// What is wrong about an answer.
  private func check(
    _ value: String?, of key: String, since begin: Duration, isCold: Bool
  ) -> [String] {
    do {
      guard let successor = try source.successor(of: value, for: key) else { return [] }
      var faults: [String] = []
      let age = begin - successor.since
      if age > (value == nil ? Self.negativeLife : Self.life + Self.window) {
        faults.append("\(value ?? "nil") of \(key) is outdated for \(age)")
      }
      if isCold, let removal = removals[key], successor.number <= removal {
        faults.append("\(value ?? "nil") of \(key) was removed")
      }
      return faults
    } catch {
      return ["\(value ?? "nil") is no value that \(key) ever had"]
    }
  }
}
