import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHTTP

/// A site whose content changes, the cache before it, and the oracle that watches both.
final class StoreModel: Sendable {
  /// The present state of a target.
  private struct Page {
    var version = 0
    var isGone = false
    var vary: [ModelRequest.Field]? = []
    var directives: ModelDirectives?
    /// Whether it has an entity tag, a time of modification, or neither.
    var validator = 0
  }

  /// The actions of the handler.
  private enum Event {
    case answered(ModelAnswer)
    case confirmed([StoreOracle.Entry], representation: String)
    case failed
  }

  private struct State {
    var random: SplitMix64
    var oracle: StoreOracle
    var pages: [Page]
    /// The sets of fields that a target varies by at one time or another.
    var varyPools: [[[ModelRequest.Field]?]]
    var answerCount = 0
    var representations: [String: String] = [:]
    var events: [Event] = []
    var steady = Int64.min
    var step: UInt64 = 0
    var isRefreshing = false
    var seenConditions: [(ModelRequest, tag: String?, date: String?)] = []
    var coverage: [String: Int] = [:]
    var log: [String] = []
  }

  let configuration: ModelConfiguration
  private let seed: UInt64
  private let state: LockedValue<State>
  private let siteBox = LockedValue<Site?>(nil)
  /// Requests of a history are few, so that they meet each other's responses.
  private let pool: [ModelRequest]

  private var site: Site { siteBox.get()! }

  init(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let configuration = ModelConfiguration(using: &random)
    self.configuration = configuration
    self.seed = seed
    pool = (0..<6).map { _ in ModelRequest(using: &random, configuration) }
    let varyPools = (0..<2).map { _ in Self.varyPool(using: &random) }
    let pages = varyPools.map { Self.page(version: 0, $0, using: &random) }
    state = LockedValue(
      State(
        random: random, oracle: StoreOracle(configuration), pages: pages, varyPools: varyPools))
    siteBox.set(
      Site(
        configuration.policy, afterResponse: configuration.refreshesAfterResponse,
        timeToLive: configuration.timeToLive.map { .seconds($0) }
      ) { [unowned self] parts in try answer(parts) })
    observeClock()
  }

  var coverage: [String: Int] { state.get().coverage }

  /// The steps so far.
  var history: String { state.get().log.joined(separator: "\n") }

  /// The errors in the cache's own count of its bytes.
  func audit() -> [String] {
    let audit = site.responses.cache.byteAudit
    return audit.ledgerByteCount == audit.recomputedByteCount
      ? [] : ["\(audit.ledgerByteCount) bytes are booked, not \(audit.recomputedByteCount)"]
  }

  // MARK: The handler

  private static func varyPool(using random: inout SplitMix64) -> [[ModelRequest.Field]?] {
    let sets: [[ModelRequest.Field]?] = [
      [.language], [.cookie], [.flag], [.language, .cookie], [.cookie, .flag],
    ]
    return [[]] + sets + (random.chance(10) ? [nil] : [])
  }

  private static func page(
    version: Int, _ pool: [[ModelRequest.Field]?], using random: inout SplitMix64
  ) -> Page {
    var page = Page(version: version)
    page.isGone = random.chance(15)
    page.vary = page.isGone ? [] : pool.randomElement(using: &random)!
    page.directives = random.chance(5) ? nil : ModelDirectives(using: &random)
    page.validator = Int.random(in: 0...2, using: &random)
    return page
  }

  private func answer(_ parts: HTTPRequestParts) throws -> HTTPResponseParts {
    var random = generator(for: parts)
    let isRefreshing = state.get().isRefreshing
    // Refreshes run at once, and would see each other's delays.
    let seconds = random.chance(10) && !isRefreshing ? Int64.random(in: 0...3, using: &random) : 0
    let dice = random
    let before = state.get().steady
    site.clock.advance(by: .seconds(seconds))
    observeClock()
    let delay = state.get().steady - before
    let now = wallClock
    return try state.update { state -> Result<HTTPResponseParts, OriginError> in
      var random = dice
      let request = ModelRequest(seen: parts)
      guard ["GET", "HEAD"].contains(request.method) else {
        let status = [200, 204, 303, 404, 500].randomElement(using: &random)!
        if status < 400 { state.oracle.invalidate(request.target) }
        return .success(HTTPResponseParts(status: status))
      }
      state.seenConditions.append(
        (request, parts.fields["if-none-match"], parts.fields["if-modified-since"]))
      if random.chance(4) {
        state.events.append(.failed)
        state.log.append("    handler fails")
        return .failure(OriginError())
      }
      let made = Self.make(request, parts.fields, &state, &random, configuration)
      if made.id == nil {
        let entries = state.oracle.note(
          confirmation: made, to: request, delay: delay, now: now, steady: state.steady)
        state.events.append(.confirmed(entries, representation: made.representation))
      } else {
        state.oracle.note(
          made, to: request, delay: delay, now: now, steady: state.steady)
        state.events.append(.answered(made))
      }
      state.log.append("    handler: \(made)")
      let seconds = now >= 0 ? now / 1000 : (now - 999) / 1000
      return .success(made.parts(now: seconds))
    }.get()
  }

  private static func make(
    _ request: ModelRequest, _ fields: HTTPHeaderFields, _ state: inout State,
    _ random: inout SplitMix64, _ configuration: ModelConfiguration
  ) -> ModelAnswer {
    let page = state.pages[request.target]
    var answer = ModelAnswer()
    answer.vary = page.vary
    answer.directives = page.directives
    answer.status = page.isGone ? 404 : 200
    var truth = "\(request.target).\(page.version)" + (request.hasEscape ? ".%" : "")
    let varying = page.vary ?? ModelRequest.Field.allCases
    for field in varying {
      truth +=
        "." + (request.selecting(field).map { $0.map { String($0, radix: 16) }.joined() } ?? "-")
    }
    if !configuration.isShared {
      truth += "." + (request.user ?? "-").utf8.map { String($0, radix: 16) }.joined()
    }
    answer.representation = truth
    if page.validator == 1 { answer.entityTag = "\"\(truth)\"" }
    if page.validator > 0 { answer.lastModified = Site.date(Int64(page.version) - 10_000) }
    answer.madeBefore =
      random.chance(30) ? Int.random(in: -2...20, using: &random) : nil
    answer.age = random.chance(20) ? Int.random(in: 0...15, using: &random) : nil
    let isConfirmed =
      fields["if-none-match"].map { $0 == answer.entityTag }
      ?? (page.validator == 2 && fields["if-modified-since"] == answer.lastModified)
    if isConfirmed, !page.isGone, random.chance(90) {
      answer.status = 304
      if random.chance(50) { answer.directives = nil }
      return answer
    }
    if random.chance(4) {
      answer.status = [500, 503].randomElement(using: &random)!
      answer.entityTag = nil
      answer.lastModified = nil
    }
    answer.setsCookie = random.chance(5)
    state.answerCount += 1
    let id = "a\(state.answerCount)"
    answer.id = id
    state.representations[id] = truth
    return answer
  }

  /// Numbers that depend on the request alone, in whatever order the handler is asked.
  private func generator(for parts: HTTPRequestParts) -> SplitMix64 {
    var mixed = seed &+ state.get().step &* 0x9E37_79B9_7F4A_7C15
    for field in parts.fields {
      for byte in "\(parts.method)\(parts.path)\(field.name):\(field.value)".utf8 {
        mixed = (mixed ^ UInt64(byte)) &* 0x100_0000_01B3
      }
    }
    return SplitMix64(seed: mixed)
  }

  // MARK: Time

  private var wallClock: Int64 {
    site.clock.elapsed.wholeMilliseconds
  }

  /// Has the cache see every change of the clock, as the oracle does.
  private func observeClock() {
    _ = site.responses.clock.now()
    _ = site.responses.cache.value(forKey: "none")
    let now = wallClock
    state.update { $0.steady = max($0.steady, now) }
  }

  // MARK: A step

  /// Does something at random.
  ///
  /// - Returns: What was wrong.
  func step() async -> [String] {
    state.update { $0.step += 1 }
    if state.update({ $0.random.chance(50) }) {
      let seconds = state.update { state -> Int64 in
        state.random.chance(5)
          ? -Int64.random(in: 1...40, using: &state.random)
          : Int64([0, 1, 2, 5, 9, 10, 11, 20, 60, 400].randomElement(using: &state.random)!)
      }
      site.clock.advance(by: .seconds(seconds))
      observeClock()
    }
    switch state.update({ Int.random(in: 0..<100, using: &$0.random) }) {
    case ..<10: return change()
    case ..<15: return await refresh()
    case ..<17: return remove()
    default: return await request()
    }
  }

  private func change() -> [String] {
    state.update { state in
      let target = Int.random(in: 0..<state.pages.count, using: &state.random)
      state.pages[target] = Self.page(
        version: state.pages[target].version + 1, state.varyPools[target], using: &state.random)
      state.log.append("  /\(target) changes")
    }
    return []
  }

  private func refresh() async -> [String] {
    state.update {
      $0.log.append("  the invocation ends")
      $0.events = []
      $0.isRefreshing = true
    }
    await site.finishInvocation()
    state.update { state in
      state.isRefreshing = false
      // Several run at once: it is unknown which is stored last.
      if state.events.count > 1 { state.oracle.forgetCertain() }
    }
    return []
  }

  private func remove() -> [String] {
    let path = state.update { state in
      let target = Int.random(in: 0..<state.pages.count, using: &state.random)
      let path = ModelRequest.path(target, hasEscape: state.random.chance(50))
      state.oracle.invalidate(target)
      state.log.append("  responses of \(path) are removed")
      return path
    }
    site.responses.removeResponses(for: .get(path))
    return []
  }

  private func request() async -> [String] {
    let request = state.update { state in
      var request = pool.randomElement(using: &state.random)!
      request.vary(using: &state.random, tags: Array(state.representations.values))
      return request
    }
    let expected = state.update { state -> StoreOracle.Entry? in
      state.events = []
      state.seenConditions = []
      state.log.append("  \(state.steady / 1000 - Site.start) \(request)")
      return state.oracle.mustServe(request, at: state.steady)
    }
    var response: HTTPResponseParts?
    do {
      response = try await site.respond(to: request.parts, canChange: request.canChange)
    } catch {
      guard error is OriginError else { return ["\(error) was thrown"] }
    }
    let served = response
    return state.update { state in
      let verdict = Verdict(
        oracle: state.oracle, request: request, response: served, steady: state.steady,
        answer: state.events.last.flatMap { event in
          if case .answered(let answer) = event { answer } else { nil }
        },
        confirmed: state.events.last.flatMap { event in
          if case .confirmed(let entries, _) = event { entries } else { nil }
        },
        truth: state.events.last.flatMap { event in
          if case .confirmed(_, let representation) = event { representation } else { nil }
        },
        hasFailed: state.events.last.map { event in
          if case .failed = event { true } else { false }
        } ?? false,
        wasAsked: !state.events.isEmpty, expected: expected,
        representations: state.representations, seenConditions: state.seenConditions)
      let (violations, kind) = verdict.judge()
      state.log.append("    -> \(kind)")
      state.coverage[kind, default: 0] += 1
      return violations
    }
  }
}
