internal import LambdaCache

/// A load that asks a ``SecondTier`` first: of the keys that a cache does not have, those are
/// loaded that the tier does not have either.
///
/// It is the loading closure of the cache's own read-through, which shares it among callers. It
/// asks at most three times: for the values, and for the leases of keys without one; for the leases
/// of keys whose value is due, stale or of no use; and, after having waited for the loads of
/// others, for what they have brought.
struct TierLoad<Key, Value>: Sendable
where Key: Hashable & TierNamed & Sendable, Value: Sendable {
  let cache: Cache<Key, Value>
  let tier: SecondTier
  let codec: TierCodec<Value>
  /// How long a loaded entry is fresh in the cache; `nil` for the cache's own time to live.
  let timeToLive: Duration?
  let tags: @Sendable (Key) -> [String]
  let notes: LoadNotes<Key>
  /// Loads the values of keys, in their order; `nil` for one that there is none of.
  let load: @Sendable ([Key]) async -> [Result<Value?, any Error>]
  /// Knows the generations of the tags in the cache; `nil` where nothing validates them.
  let watch: TierWatch?

  init(
    cache: Cache<Key, Value>, tier: SecondTier, codec: TierCodec<Value>, timeToLive: Duration?,
    tags: @escaping @Sendable (Key) -> [String], notes: LoadNotes<Key> = LoadNotes(),
    load: @escaping @Sendable ([Key]) async -> [Result<Value?, any Error>]
  ) {
    self.cache = cache
    self.tier = tier
    self.codec = codec
    self.timeToLive = timeToLive
    self.tags = tags
    self.notes = notes
    self.load = load
    watch = tier.watch(of: cache)
  }

  /// What a key comes to.
  enum Outcome: Sendable {
    case value(Value)
    case absent
    case failure(any Error)
  }

  /// The values of keys.
  ///
  /// - Returns: What each key comes to, in the order of the keys; noted in ``notes`` are times and
  ///   tags.
  /// - Throws: `CancellationError` if the task is cancelled.
  func outcomes(of keys: [Key]) async throws -> [Outcome] {
    if watch != nil { await tier.state.validateIfDue() }
    var items = keys.map(item)
    if let view = try await fetch(items.indices.map { $0 }, of: items, leaseForAll: false) {
      examine(items.indices.map { $0 }, of: &items, view, .first)
    }
    let undecided = items.indices.filter { items[$0].phase == .needsLease }
    if !undecided.isEmpty {
      if let view = try await fetch(undecided, of: items, leaseForAll: true) {
        examine(undecided, of: &items, view, .second)
      } else {
        for place in undecided { settleWithoutLease(&items[place]) }
      }
    }
    let waitBegin = tier.state.time.now
    await loadAll(of: &items)
    let waiting = items.indices.filter { items[$0].phase == .waits }
    if !waiting.isEmpty {
      try await wait(since: waitBegin, count: waiting.count)
      if let view = try await fetch(waiting, of: items, leaseForAll: false) {
        examine(waiting, of: &items, view, .last)
      } else {
        for place in waiting { items[place].phase = .loads(token: nil) }
      }
      await loadAll(of: &items)
    }
    return items.map(settled)
  }

  /// The value of one key.
  func value(of key: Key) async throws -> Value {
    try await outcomes(of: [key])[0].value(of: key)
  }

  /// The value of one key, loaded in any case, and stored if its lease is free.
  func newValue(of key: Key) async throws -> Value {
    var items = [item(key)]
    if let view = try await fetch([0], of: items, leaseForAll: true) {
      claim(&items, view)
    }
    await loadAll(of: &items)
    return try settled(items[0]).value(of: key)
  }

  /// The values of several keys, of those that have one.
  func values(of keys: [Key]) async throws -> [Key: Value] {
    var values: [Key: Value] = [:]
    for (key, outcome) in zip(keys, try await outcomes(of: keys)) {
      if case .value(let value) = outcome { values[key] = value }
    }
    return values
  }

  // MARK: Asking the tier

  private func item(_ key: Key) -> Item {
    var met = Set<UInt64>()
    let tags = tags(key).map { ($0, TierHash(of: $0).value) }.filter { met.insert($1).inserted }
    return Item(
      key: key, name: tier.space.name(ofKey: key.tierName), tags: tags.map(\.0),
      marks: tags.map { TierEnvelope.TagMark(name: $0.1, generation: 0) })
  }

  private func fetch(
    _ places: [Int], of items: [Item], leaseForAll: Bool
  ) async throws -> TierView? {
    let tags = tagMarks(of: places, items).map { tier.space.name(ofTag: $0.tag) }
    let loadTime = tier.space.loadTime
    let lease = TierRequest.Lease(
      duration: TierLease.duration(loadTime: loadTime), isForMissingKeysOnly: !leaseForAll)
    let request = TierRequest(
      keys: places.map { items[$0].name }, tags: tags, lease: lease)
    return try await tier.state.fetch(
      request, within: min(tier.state.timeBudget, loadTime ?? tier.state.timeBudget))
  }

  /// Waits for the loads of others: for as long as a load takes and is stored, but only if there
  /// is time for a load of its own then.
  private func wait(since begin: Duration, count: Int) async throws {
    let (time, loadTime) = (tier.state.time, tier.space.loadTime ?? TierLease.usualLoadTime)
    let wanted = loadTime + tier.state.timeBudget - (time.now - begin)
    guard wanted > .zero else { return }
    if let left = InvocationScope.current?.remainingTime,
      left - InvocationScope.margin < wanted + loadTime
    {
      return
    }
    tier.state.count { $0.leaseWaits += count }
    try await time.wait(wanted)
  }

  // MARK: Loading

  /// Loads the keys that are to be loaded, in one call, and leaves to the tier what that brings.
  func loadAll(of items: inout [Item]) async {
    let places = items.indices.filter { items[$0].phase.isLoad }
    guard !places.isEmpty else { return }
    count(items, places)
    let begin = tier.state.time.now
    let results = await load(places.map { items[$0].key })
    let duration = tier.state.time.now - begin
    if results.contains(where: { (try? $0.get()) != nil }) { tier.space.learn(duration) }
    var pending: [PendingTierEntry] = []
    for (place, result) in zip(places, results) {
      switch result {
      case .success(let value):
        if let entry = entry(of: items[place], value, duration) { pending.append(entry) }
        note(&items[place], isAbsent: value == nil)
        items[place].finish(value.map { .value($0) } ?? .absent)
      case .failure(let error):
        if let entry = finish(&items[place], failingWith: error, duration) {
          pending.append(entry)
        }
      }
    }
    await tier.state.store(pending)
  }

  /// Ends a key whose load has failed: with the value that the tier has, if it may be served.
  ///
  /// - Returns: What is stored of the failure; `nil` for nothing.
  private func finish(
    _ item: inout Item, failingWith error: any Error, _ duration: Duration
  ) -> PendingTierEntry? {
    let kind = cache.errorClass(of: error)
    let entry = kind == .notFound ? entry(of: item, nil, duration) : nil
    if entry == nil { keepLease(of: item) }
    if let value = standIn(for: &item, kind) {
      item.finish(.value(value))
    } else {
      notes.add([item.key: LoadNote(failure: error)])
      item.finish(.failure(error))
    }
    return entry
  }

  /// Keeps a lease whose load has failed, for the next load of the key.
  private func keepLease(of item: Item) {
    guard case .loads(.some(let token)) = item.phase, let view = item.view else { return }
    tier.space.keepLease(token, of: item.name, until: view.requested + view.leaseDuration)
  }

  /// Notes how long a loaded value is fresh, and its tags.
  private func note(_ item: inout Item, isAbsent: Bool) {
    if item.view == nil { item.read = tier.noteTags(item.tags, in: watch) }
    notes.add([
      item.key: LoadNote(
        longestLife: isAbsent ? nil : tier.state.timeToLive, isAbsent: isAbsent, tags: item.tags,
        afterStore: tier.noteStored(item.tags, item.read, in: watch))
    ])
  }

  /// Counts keys that are loaded.
  private func count(_ items: [Item], _ places: [Int]) {
    let early = places.count { items[$0].standIn.map { $0.staleFor == nil } ?? false }
    tier.state.count {
      $0.earlyRefreshes += early
      $0.misses += places.count - early
    }
  }

  /// The value that the tier has for a key whose load has failed, if it may be served.
  private func standIn(for item: inout Item, _ kind: LoadErrorClass) -> Value? {
    guard let standIn = item.standIn, let view = item.view else { return nil }
    let now = view.serverTime(at: tier.state.time.now)
    let envelope = standIn.envelope
    guard now < envelope.goneUntil else { return nil }
    let staleFor = envelope.staleness(at: now)
    guard cache.staleWindows.mayStandIn(staleFor), staleFor == nil || kind.mayServeStale else {
      return nil
    }
    serve(standIn.envelope, to: item, at: now)
    return standIn.value
  }

  /// What is stored of a loaded value; `nil` if nothing is.
  private func entry(of item: Item, _ value: Value?, _ duration: Duration) -> PendingTierEntry? {
    guard case .loads(.some(let token)) = item.phase, let view = item.view,
      item.marks.count <= TierEnvelope.tagLimit
    else { return nil }
    let windows = cache.staleWindows
    var (life, window) = (cache.loadPolicy.negativeTimeToLive, Duration.zero)
    var payload: [UInt8] = []
    if let value {
      let own = cache.lifetime(of: value, forKey: item.key, timeToLive: timeToLive)
      life = tier.state.timeToLive ?? own ?? TierLease.usualLife
      window = max(windows.whileRevalidate, windows.ifError)
      do {
        payload = try codec.encode(value)
      } catch {
        return nil
      }
    }
    let fresh = Tick.milliseconds(roundingUp: min(life, TierLease.longestLife))
    let stale = Tick.milliseconds(roundingUp: min(window, TierLease.longestLife))
    guard fresh > 0 else { return nil }
    let created = view.response.serverTime
    let envelope = TierEnvelope(
      isAbsent: value == nil, build: build, created: created,
      freshUntil: created + Int64(fresh), goneUntil: created + Int64(fresh + stale),
      loadMicroseconds: Int64(max(.zero, min(duration, TierLease.longestLife)) / .microseconds(1)),
      tags: item.marks)
    return PendingTierEntry(
      entry: TierEntry(
        key: item.name, bytes: envelope.encoded(before: payload, of: item.name),
        timeToLive: .zero, leaseToken: token),
      end: view.requested + .milliseconds(Int64(fresh + stale)))
  }

  /// The hash of what distinguishes values from those of others.
  var build: UInt64 {
    TierHash(of: "\(tier.state.build)\u{0}\(String(reflecting: Value.self))").value
  }

  func settled(_ item: Item) -> Outcome {
    guard case .done = item.phase, let outcome = item.outcome else {
      preconditionFailure("a key has come to nothing")
    }
    return outcome
  }
}

/// How long leases are, and what is assumed where nothing is known.
enum TierLease {
  /// How long a load takes whose duration is not known.
  static let usualLoadTime = Duration.milliseconds(100)
  /// How long a value is fresh that nothing else says it of.
  static let usualLife = Duration.seconds(86_400)
  /// By how many milliseconds a server's clock may have gone back since it gave a time.
  static let clockTolerance: Int64 = 1_000
  /// The longest life that is written down.
  static let longestLife = Duration.seconds(10 * 365 * 86_400)

  /// How long a lease lasts: several times as long as the load, for what it brings is stored only
  /// after the response.
  static func duration(loadTime: Duration?) -> Duration {
    guard let loadTime else { return .seconds(10) }
    return max(.seconds(5), min(loadTime * 10, .seconds(60)))
  }
}

extension TierEnvelope {
  /// How long ago the value has expired; `nil` if it is fresh.
  func staleness(at now: Int64) -> Duration? {
    now < freshUntil ? nil : .milliseconds(now - freshUntil)
  }
}
