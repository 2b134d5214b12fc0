internal import LambdaCache

/// The clock that a ``SecondTier`` measures by.
struct TierTime: Sendable {
  /// `nil` for the clock of the system.
  private let clock: (any CacheClock)?
  private let origin = ContinuousClock.now
  /// Waits; what a test puts in its place need not take any time.
  let wait: @Sendable (Duration) async throws -> Void

  init(
    _ clock: (any CacheClock)? = nil,
    wait: @escaping @Sendable (Duration) async throws -> Void = { duration in
      try await DeadlineTimer.wait(until: .now + duration)
    }
  ) {
    self.clock = clock
    self.wait = wait
  }

  /// Whether it is the clock of the system, which also ends calls.
  var isSystem: Bool { clock == nil }

  /// The time since some fixed instant.
  var now: Duration { clock?.elapsed ?? ContinuousClock.now - origin }
}

/// What an engine has answered, and when it was asked.
struct TierView: Sendable {
  let response: TierResponse
  /// The time before the call.
  let requested: Duration
  /// How long a lease lasts that was granted.
  let leaseDuration: Duration

  /// The server's time, or a little later, at a later time of this environment.
  func serverTime(at now: Duration) -> Int64 {
    response.serverTime + Int64(Tick.milliseconds(roundingUp: max(.zero, now - requested)))
  }
}

/// An entry that is to be stored, with the time at which it is gone.
struct PendingTierEntry: Sendable {
  var entry: TierEntry
  let end: Duration
}

/// All that the names of a ``SecondTier`` share: calls of the engine, and what is known of it.
final class TierState: Sendable {
  private struct Health {
    /// Reads and writes apart: an engine that is full still answers.
    var reads = TierBreaker()
    var writes = TierBreaker()
    /// Whether a call was given up while the engine was connecting: others do not wait until it
    /// has done so.
    var awaitsConnection = false
    var statistics = TierStatistics()
  }

  let engine: any SharedTier
  /// The engine, if it tells whether it is connecting.
  private let connectingEngine: (any ConnectingTier)?
  let build: String
  let timeBudget: Duration
  let timeToLive: Duration?
  let time: TierTime
  /// A random number above 0 and up to 1.
  let chance: @Sendable () -> Double
  private let health = Locked(Health())
  private let spaces = Locked<[String: TierSpace]>([:])
  private let batches = Locked<[TierBatch.Reference]>([])
  /// `nil` if tags are not validated.
  let validation: TierValidation?

  init(
    _ engine: any SharedTier, build: String, timeBudget: Duration = .milliseconds(5),
    timeToLive: Duration? = nil, validatesTagsAfter interval: Duration? = nil,
    time: TierTime = TierTime(),
    chance: @escaping @Sendable () -> Double = {
      .random(in: Double.leastNonzeroMagnitude...1)
    }
  ) {
    self.engine = engine
    connectingEngine = engine as? any ConnectingTier
    self.build = build
    self.timeBudget = timeBudget
    self.timeToLive = timeToLive
    self.time = time
    self.chance = chance
    validation = interval.map { TierValidation(after: $0, time) }
    guard validation != nil else { return }
    InvocationStarts.add(self) { [weak self] in await self?.validateIfDue() }
  }

  deinit {
    if validation != nil { InvocationStarts.remove(self) }
  }

  var statistics: TierStatistics { health.withLock { $0.statistics } }

  func count(_ body: (inout TierStatistics) -> Void) { health.withLock { body(&$0.statistics) } }

  /// The names under a prefix, the same each time.
  func space(named name: String) -> TierSpace {
    spaces.withLock { spaces in
      if let space = spaces[name] { return space }
      let space = TierSpace(named: name)
      spaces[name] = space
      return space
    }
  }

  // MARK: Reading

  /// Whether a read that the engine is needed for need not prepare anything, since it is not asked
  /// now; counted as one that is not answered.
  func isUnavailable(forKeyCount count: Int = 1) -> Bool {
    let now = time.now
    return health.withLock { health in
      guard isConnecting(&health) || health.reads.isPaused(now: now) else { return false }
      health.statistics.skippedCalls += 1
      health.statistics.misses += count
      return true
    }
  }

  /// Whether the engine is connecting, and a call was already given up meanwhile.
  private func isConnecting(_ health: inout Health) -> Bool {
    guard health.awaitsConnection else { return false }
    health.awaitsConnection = connectingEngine?.isConnecting == true
    return health.awaitsConnection
  }

  /// Fetches something, if the engine is to be asked at all.
  ///
  /// - Parameters:
  ///   - request: What to fetch.
  ///   - wanted: How long it may take, if the invocation has that much time.
  /// - Returns: `nil` if there is no answer.
  /// - Throws: `CancellationError` if the present task is cancelled.
  func fetch(_ request: TierRequest, within wanted: Duration) async throws -> TierView? {
    let requested = time.now
    let limit = Self.limit(wanted)
    let mayCall = health.withLock { health in
      guard limit > .zero, !isConnecting(&health), health.reads.mayCall(now: requested) else {
        health.statistics.skippedCalls += 1
        return false
      }
      return true
    }
    guard mayCall else { return nil }
    do {
      let engine = engine
      let response = try await call(within: limit) {
        try await engine.fetch(request, within: limit)
      }
      guard response.values.count == request.keys.count,
        response.generations.count == request.tags.count, response.serverTime >= 0,
        response.serverTime < 1 << 52
      else { throw SharedTierError.malformedResponse }
      health.withLock { $0.reads.noteSuccess() }
      return TierView(
        response: response, requested: requested,
        leaseDuration: request.lease?.duration ?? .zero)
    } catch {
      noteFailure(isRead: true)
      try Task.checkCancellation()
      return nil
    }
  }

  /// A time that a call may take, but no longer than the invocation has left.
  private static func limit(_ wanted: Duration) -> Duration {
    guard let left = InvocationScope.current?.remainingTime else { return wanted }
    return min(wanted, left - InvocationScope.margin)
  }

  /// Calls the engine; one that does not keep to the limit is left behind.
  private func call<Answer: Sendable>(
    within limit: Duration, _ body: @escaping @Sendable () async throws -> Answer
  ) async throws -> Answer {
    guard time.isSystem else { return try await body() }
    return try await TierCall.run(within: limit, body)
  }

  /// Notes that a call has failed, or was given up because nothing needs it any more.
  private func noteFailure(isRead: Bool) {
    let (now, chance, isCancelled) = (time.now, chance(), Task.isCancelled)
    // Where a connection takes longer than a call may, the engine may be well.
    let isConnecting = !isCancelled && connectingEngine?.isConnecting == true
    health.withLock { health in
      var breaker = isRead ? health.reads : health.writes
      if isCancelled {
        breaker.noteCancellation()
      } else if isConnecting {
        breaker.noteCancellation()
        health.awaitsConnection = true
        health.statistics.skippedCalls += 1
      } else {
        health.statistics.failures += 1
        breaker.noteFailure(now: now, chance: chance)
      }
      if isRead { health.reads = breaker } else { health.writes = breaker }
    }
  }

  // MARK: Writing

  /// Stores entries: after the response of the invocation together with its others, or at once
  /// where nothing runs then.
  func store(_ entries: [PendingTierEntry]) async {
    guard !entries.isEmpty else { return }
    if let scope = InvocationScope.current, leave(entries, to: scope) { return }
    await store(entries, within: timeBudget)
  }

  /// Leaves entries to the end of an invocation.
  ///
  /// - Returns: `false` if they are to be stored at once.
  private func leave(_ entries: [PendingTierEntry], to scope: InvocationScope) -> Bool {
    let id = ObjectIdentifier(scope)
    let present = batches.withLock { batches in
      batches.removeAll { $0.batch == nil }
      return batches.first { $0.scope == id }?.batch
    }
    if let present, present.add(entries) { return true }
    let batch = TierBatch(entries)
    // The batch is the invocation's alone: if that never ends, nothing of it stays.
    let isLeft = scope.afterResponse {
      await self.store(batch.take(), within: self.timeBudget * 10)
    }
    if isLeft { batches.withLock { $0.append(TierBatch.Reference(scope: id, batch: batch)) } }
    return isLeft
  }

  private func store(_ pending: [PendingTierEntry], within wanted: Duration) async {
    let now = time.now
    let entries = pending.compactMap { pending -> TierEntry? in
      var entry = pending.entry
      entry.timeToLive = pending.end - now
      return entry.timeToLive >= .milliseconds(1) ? entry : nil
    }
    guard !entries.isEmpty else { return }
    let limit = Self.limit(wanted)
    let mayCall = health.withLock { health in
      guard limit > .zero, !isConnecting(&health), health.writes.mayCall(now: now) else {
        health.statistics.skippedCalls += 1
        return false
      }
      health.statistics.storedEntries += entries.count
      return true
    }
    guard mayCall else { return }
    do {
      let engine = engine
      try await call(within: limit) { try await engine.store(entries, within: limit) }
      health.withLock { $0.writes.noteSuccess() }
    } catch {
      noteFailure(isRead: false)
    }
  }

  /// Removes something.
  ///
  /// - Throws: Any error of the engine: who removes something must know whether it is gone.
  func remove(_ removal: TierRemoval, within limit: Duration) async throws {
    do {
      let engine = engine
      try await call(within: limit) { try await engine.remove(removal, within: limit) }
    } catch {
      if !Task.isCancelled { count { $0.failures += 1 } }
      throw error
    }
  }
}

/// The entries that an invocation stores when it ends.
final class TierBatch: Sendable {
  /// Names the batch of an invocation, and keeps neither.
  struct Reference {
    let scope: ObjectIdentifier
    private(set) weak var batch: TierBatch?

    init(scope: ObjectIdentifier, batch: TierBatch) {
      self.scope = scope
      self.batch = batch
    }
  }

  /// The bytes that may wait for a response; they are in no cache's budget.
  private static let byteLimit = 4 << 20

  private struct State {
    var entries: [PendingTierEntry]
    var byteCount: Int
    var isTaken = false
  }

  private let state: Locked<State>

  init(_ entries: [PendingTierEntry]) {
    state = Locked(State(entries: entries, byteCount: entries.byteCount))
  }

  /// - Returns: `false` if the batch takes no more.
  func add(_ entries: [PendingTierEntry]) -> Bool {
    let byteCount = entries.byteCount
    return state.withLock { state in
      guard !state.isTaken, state.byteCount + byteCount <= Self.byteLimit else { return false }
      state.entries += entries
      state.byteCount += byteCount
      return true
    }
  }

  func take() -> [PendingTierEntry] {
    state.withLock { state in
      defer { state = State(entries: [], byteCount: 0, isTaken: true) }
      return state.entries
    }
  }
}

extension [PendingTierEntry] {
  fileprivate var byteCount: Int {
    reduce(0) { $0 + $1.entry.bytes.count + $1.entry.key.bytes.count }
  }
}
