import LambdaCache
import TestSupport

@testable import LambdaCacheHandlers

/// An engine whose time is that of a test.
protocol ClockedTier: SharedTier {
  var clock: ManualClock { get }
}

/// An engine in memory that fails when a test asks for it.
final class FakeTier: ClockedTier {
  /// What is wrong with the engine.
  enum Fault: Sendable, CaseIterable {
    case none
    /// No connection is accepted.
    case down
    /// No answer comes before the time is over.
    case silent
    /// Each answer takes three milliseconds.
    case slow
    /// Nothing can be stored.
    case full
    /// The value of one key is that of another, or bytes of anything.
    case wrong
    /// There are more values than keys.
    case malformed
  }

  struct Refusal: Error {}

  struct Counts: Sendable, Equatable {
    var fetches = 0
    var stores = 0
    var removals = 0
    var keys = 0
  }

  private struct State {
    var values: [TierKey: (bytes: [UInt8], end: Duration)] = [:]
    var leases: [TierKey: (token: UInt64, end: Duration)] = [:]
    var generations: [TierKey: UInt64] = [:]
    var lastNumber: UInt64 = 0
    var fault = Fault.none
    var counts = Counts()
    var keepsForEver = false
    var random = SplitMix64(seed: 1)
    var beforeAnswer: (@Sendable () async throws -> Void)?

    mutating func next() -> UInt64 {
      lastNumber += 1
      return lastNumber
    }
  }

  /// The server's time when the clock shows zero.
  static let origin: Int64 = 1_800_000_000_000

  let clock: ManualClock
  private let state = Locked(State())

  init(clock: ManualClock, seed: UInt64 = 1) {
    self.clock = clock
    state.withLock { $0.random = SplitMix64(seed: seed) }
  }

  var fault: Fault {
    get { state.withLock { $0.fault } }
    set { state.withLock { $0.fault = newValue } }
  }

  /// Whether the engine has values still whose time is over.
  var keepsForEver: Bool {
    get { state.withLock { $0.keepsForEver } }
    set { state.withLock { $0.keepsForEver = newValue } }
  }

  /// What happens elsewhere once, between an answer and its arrival.
  var beforeAnswer: (@Sendable () async throws -> Void)? {
    get { state.withLock { $0.beforeAnswer } }
    set { state.withLock { $0.beforeAnswer = newValue } }
  }

  var counts: Counts { state.withLock { $0.counts } }

  /// The bytes that are stored, by the text of their names.
  var contents: [String: [UInt8]] {
    state.withLock { state in
      Dictionary(
        uniqueKeysWithValues: state.values.map {
          (String(decoding: $0.bytes, as: UTF8.self), $1.bytes)
        })
    }
  }

  /// Changes what is stored under each name.
  func change(_ body: (inout [UInt8]) -> Void) {
    state.withLock { state in
      for key in state.values.keys {
        if var value = state.values[key] {
          body(&value.bytes)
          state.values[key] = value
        }
      }
    }
  }

  /// Forgets the generations of tags, as an engine does that is short of memory.
  func evictGenerations() { state.withLock { $0.generations = [:] } }

  func fetch(_ request: TierRequest, within limit: Duration) async throws -> TierResponse {
    state.withLock { state in
      state.counts.fetches += 1
      state.counts.keys += request.keys.count
    }
    try await pass(within: limit, isWrite: false)
    let now = clock.elapsed
    let response = state.withLock { state in
      var values = request.keys.map { key in
        let bytes = state.values[key].flatMap {
          $0.end > now || state.keepsForEver ? $0.bytes : nil
        }
        var lease = TierResponse.Lease.notAsked
        if let wanted = request.lease, bytes == nil || !wanted.isForMissingKeysOnly {
          if let held = state.leases[key], held.end > now {
            lease = .heldElsewhere
          } else {
            let token = state.next()
            state.leases[key] = (token, now + wanted.duration)
            lease = .granted(token: token)
          }
        }
        return TierResponse.Value(bytes: bytes, lease: lease)
      }
      let generations = request.tags.map { tag in
        let generation = state.generations[tag] ?? state.next()
        state.generations[tag] = generation
        return generation
      }
      if state.fault == .malformed { values.append(TierResponse.Value(bytes: nil)) }
      if state.fault == .wrong {
        for place in values.indices { values[place].bytes = wrongBytes(&state) }
      }
      return TierResponse(
        values: values, generations: generations,
        serverTime: Self.origin + Int64(now / .milliseconds(1)))
    }
    if let body = beforeAnswer {
      beforeAnswer = nil
      try await body()
    }
    return response
  }

  private func wrongBytes(_ state: inout State) -> [UInt8] {
    if state.random.oneIn(2), !state.values.isEmpty {
      var bytes = state.random.pick(state.values.values.map(\.bytes))
      if state.random.oneIn(2) { bytes.damage(inserting: [0, 1, 0xCA], using: &state.random) }
      return bytes
    }
    return state.random.bytes(0...80, of: [0xCA, 1, 0, 7])
  }

  func store(_ entries: [TierEntry], within limit: Duration) async throws {
    state.withLock { $0.counts.stores += 1 }
    try await pass(within: limit, isWrite: true)
    let now = clock.elapsed
    state.withLock { state in
      for entry in entries {
        if let token = entry.leaseToken {
          guard let held = state.leases[entry.key], held.token == token, held.end > now else {
            continue
          }
          state.leases[entry.key] = nil
        }
        state.values[entry.key] = (entry.bytes, now + entry.timeToLive)
      }
    }
  }

  func remove(_ removal: TierRemoval, within limit: Duration) async throws {
    state.withLock { $0.counts.removals += 1 }
    try await pass(within: limit, isWrite: false)
    state.withLock { state in
      for key in removal.keys {
        state.values[key] = nil
        state.leases[key] = nil
      }
      for tag in removal.tags { state.generations[tag] = state.next() }
    }
  }

  private func pass(within limit: Duration, isWrite: Bool) async throws {
    switch fault {
    case .none, .wrong, .malformed: break
    case .down: throw Refusal()
    case .full: if isWrite { throw Refusal() }
    case .silent:
      clock.advance(by: limit)
      throw SharedTierError.timedOut(limit: limit)
    case .slow:
      clock.advance(by: min(limit, .milliseconds(3)))
      if limit < .milliseconds(3) { throw SharedTierError.timedOut(limit: limit) }
    }
  }
}
