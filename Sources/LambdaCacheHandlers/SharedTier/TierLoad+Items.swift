internal import LambdaCache

extension TierLoad.Outcome {
  /// The value.
  ///
  /// - Throws: The failure; `CacheLoadError.notFound` if there is no value.
  func value(of key: Key) throws -> Value {
    switch self {
    case .value(let value): return value
    case .absent: throw CacheLoadError.notFound(key: String(describing: key))
    case .failure(let error): throw error
    }
  }
}

/// What is known of each key while a ``TierLoad`` runs, and what follows from an answer.
extension TierLoad {
  /// What is to be done with a key.
  enum Phase: Sendable, Equatable {
    /// There is a value that is due, stale or of no use; who has its lease loads it.
    case needsLease
    /// Another has the lease.
    case waits
    /// The key is loaded, and stored if there is a lease.
    case loads(token: UInt64?)
    case done

    var isLoad: Bool {
      if case .loads = self { true } else { false }
    }
  }

  /// A value of the tier that may do if nothing better comes.
  struct StandIn: Sendable {
    let value: Value
    let envelope: TierEnvelope
    /// How long ago it had expired when it was read; `nil` if it was fresh.
    let staleFor: Duration?
  }

  /// A key that is being read.
  struct Item: Sendable {
    let key: Key
    let name: TierKey
    let tags: [String]
    /// The tags with their generations as of the last answer.
    var marks: [TierEnvelope.TagMark]
    /// Generations that the value is not older than, where tags are validated; `nil` for a tag of
    /// which none is known.
    var read: [UInt64?] = []
    var phase = Phase.loads(token: nil)
    var outcome: Outcome?
    var standIn: StandIn?
    /// The last answer; `nil` if there was none.
    var view: TierView?

    init(key: Key, name: TierKey, tags: [String], marks: [TierEnvelope.TagMark]) {
      self.key = key
      self.name = name
      self.tags = tags
      self.marks = marks
    }

    mutating func finish(_ outcome: Outcome) {
      self.outcome = outcome
      phase = .done
    }
  }

  /// Which of its questions an answer is to.
  enum Round { case first, second, last }

  /// The tags of several keys, each of them once.
  func tagMarks(
    of places: [Int], _ items: [Item]
  ) -> [(tag: String, mark: TierEnvelope.TagMark)] {
    var met = Set<UInt64>()
    return places.flatMap { zip(items[$0].tags, items[$0].marks) }
      .filter { met.insert($0.1.name).inserted }
  }

  /// Draws the conclusions from an answer.
  func examine(_ places: [Int], of items: inout [Item], _ view: TierView, _ round: Round) {
    noteGenerations(places, of: &items, view)
    for (place, answer) in zip(places, view.response.values) {
      var answer = answer
      answer.lease = lease(of: items[place], answer.lease)
      examine(&items[place], answer, view, round)
    }
  }

  /// Has a key loaded whatever the tier has, under its lease if that is free.
  func claim(_ items: inout [Item], _ view: TierView) {
    noteGenerations([0], of: &items, view)
    for (place, answer) in zip(items.indices, view.response.values) {
      if case .granted(let token) = lease(of: items[place], answer.lease) {
        items[place].phase = .loads(token: token)
      }
    }
  }

  /// Gives keys an answer, and their tags the generations in it.
  private func noteGenerations(_ places: [Int], of items: inout [Item], _ view: TierView) {
    let names = tagMarks(of: places, items).map(\.mark.name)
    let generations = Dictionary(uniqueKeysWithValues: zip(names, view.response.generations))
    for place in places {
      items[place].view = view
      for (index, mark) in items[place].marks.enumerated() {
        items[place].marks[index].generation = generations[mark.name] ?? 0
      }
      items[place].read = tier.noteTags(
        items[place].tags, items[place].marks.map(\.generation), in: watch)
    }
  }

  /// What an answer says of a lease; one that a load of this environment has failed with is of no
  /// use to anyone else.
  private func lease(of item: Item, _ answer: TierResponse.Lease) -> TierResponse.Lease {
    if case .granted = answer { tier.state.count { $0.grantedLeases += 1 } }
    guard answer == .heldElsewhere,
      let token = tier.space.takeLease(of: item.name, now: tier.state.time.now)
    else { return answer }
    return .granted(token: token)
  }

  private func examine(
    _ item: inout Item, _ answer: TierResponse.Value, _ view: TierView, _ round: Round
  ) {
    let now = view.serverTime(at: tier.state.time.now)
    guard let bytes = answer.bytes, let (envelope, payload) = envelope(in: bytes, of: item, now)
    else {
      item.standIn = nil
      return settleMissing(&item, answer.lease, isPresent: answer.bytes != nil, round)
    }
    tier.space.learnIfUnknown(.microseconds(envelope.loadMicroseconds))
    let staleFor = envelope.staleness(at: now)
    if envelope.isAbsent {
      serve(envelope, to: item, at: now)
      return item.finish(.absent)
    }
    let before = item.standIn?.envelope.created
    let value: Value
    do {
      value = try codec.decode(payload)
    } catch {
      tier.state.count { $0.damagedValues += 1 }
      item.standIn = nil
      return settleMissing(&item, answer.lease, isPresent: true, round)
    }
    item.standIn = StandIn(value: value, envelope: envelope, staleFor: staleFor)
    if round == .first, staleFor != nil || isDue(envelope, now) {
      item.phase = .needsLease
      return
    }
    if let staleFor { return settleStale(&item, staleFor, answer.lease, round) }
    if round == .second, envelope.created == before, case .granted(let token) = answer.lease {
      item.phase = .loads(token: token)
      return
    }
    serve(envelope, to: item, at: now)
    item.finish(.value(value))
  }

  /// Decides about a key that the tier has nothing for that can be used.
  private func settleMissing(
    _ item: inout Item, _ lease: TierResponse.Lease, isPresent: Bool, _ round: Round
  ) {
    switch lease {
    case .granted(let token): item.phase = .loads(token: token)
    case .heldElsewhere: item.phase = round == .last ? .loads(token: nil) : .waits
    case .notAsked:
      item.phase = round == .first && isPresent ? .needsLease : .loads(token: nil)
    }
  }

  /// Decides about a key whose value has expired, after the lease was asked for.
  private func settleStale(
    _ item: inout Item, _ staleFor: Duration, _ lease: TierResponse.Lease, _ round: Round
  ) {
    let mayServe = cache.staleWindows.mayServeWhileLoading(staleFor)
    if case .granted(let token) = lease {
      item.phase = .loads(token: token)
      guard mayServe, leaveRefresh(of: item) else { return }
    } else if !mayServe {
      item.phase = round == .second ? .waits : .loads(token: nil)
      return
    }
    finishStale(&item)
  }

  /// Decides about a key whose lease could not be asked for.
  func settleWithoutLease(_ item: inout Item) {
    guard let standIn = item.standIn, let view = item.view,
      cache.staleWindows.mayServeWhileLoading(standIn.staleFor)
    else {
      item.phase = .loads(token: nil)
      return
    }
    let now = view.serverTime(at: tier.state.time.now)
    guard now < standIn.envelope.goneUntil else {
      item.phase = .loads(token: nil)
      return
    }
    serve(standIn.envelope, to: item, at: now)
    item.finish(.value(standIn.value))
  }

  private func finishStale(_ item: inout Item) {
    guard let standIn = item.standIn, let view = item.view else { return }
    serve(standIn.envelope, to: item, at: view.serverTime(at: tier.state.time.now))
    item.finish(.value(standIn.value))
  }

  /// Notes how long what the tier has is fresh, and counts it.
  func serve(_ envelope: TierEnvelope, to item: Item, at now: Int64) {
    let left = envelope.freshUntil - now
    tier.state.count { if left > 0 { $0.hits += 1 } else { $0.staleHits += 1 } }
    // What is stale is not kept: the cache would let it be stale for as long again.
    notes.add([
      item.key: LoadNote(
        longestLife: .milliseconds(max(0, left)), isKept: left > 0, isAbsent: envelope.isAbsent,
        tags: item.tags, afterStore: tier.noteStored(item.tags, item.read, in: watch))
    ])
  }

  /// The envelope of bytes that are of this key and build and not gone; `nil`, and counted, for
  /// others.
  private func envelope(
    in bytes: [UInt8], of item: Item, _ now: Int64
  ) -> (envelope: TierEnvelope, payload: ArraySlice<UInt8>)? {
    do throws(TierEnvelope.Fault) {
      let found = try TierEnvelope.decode(bytes, of: item.name)
      let envelope = found.envelope
      guard envelope.build == build else { throw TierEnvelope.Fault.foreign }
      // By a server whose clock has gone back nothing is known of its age.
      guard envelope.created <= now + TierLease.clockTolerance else {
        throw TierEnvelope.Fault.damaged
      }
      guard envelope.tags == item.marks else {
        tier.state.count { $0.invalidatedValues += 1 }
        return nil
      }
      let end = envelope.isAbsent ? envelope.freshUntil : envelope.goneUntil
      return now < end ? found : nil
    } catch {
      tier.state.count {
        if error == .foreign { $0.foreignValues += 1 } else { $0.damagedValues += 1 }
      }
      return nil
    }
  }

  /// Whether chance decides that a fresh value is loaded again before all environments do it.
  private func isDue(_ envelope: TierEnvelope, _ now: Int64) -> Bool {
    EarlyRefresh.isDue(
      freshTicks: Tick(max(0, envelope.freshUntil - now)),
      loadMilliseconds: Double(envelope.loadMicroseconds) / 1_000, eagerness: 1,
      chance: tier.state.chance())
  }

  // MARK: Refreshes after the response

  /// Leaves the load of a key, whose lease was granted, to the end of the invocation.
  ///
  /// - Returns: `false` if it is to be loaded now.
  private func leaveRefresh(of item: Item) -> Bool {
    // A load that runs after the response itself is not left once more.
    guard let scope = InvocationScope.current, scope.takesRefreshes, scope.timeForTasks == nil
    else { return false }
    return scope.afterResponse { await self.refresh(item) }
  }

  private func refresh(_ item: Item) async {
    guard !Task.isCancelled else { return }
    let load = TierLoad(
      cache: cache, tier: tier, codec: codec, timeToLive: timeToLive, tags: tags, load: load)
    do {
      _ = try await cache.refreshedValue(
        forKey: item.key, timeToLive: timeToLive, notes: load.notes
      ) { _ in try await load.value(ofClaimed: item) }
    } catch {
      // No caller waits for it: a failure is counted, and remembered as the policy says.
    }
  }

  /// The value of a key whose lease was granted before.
  private func value(ofClaimed item: Item) async throws -> Value {
    var items = [item]
    await loadAll(of: &items)
    return try settled(items[0]).value(of: item.key)
  }
}
