import LambdaCache

/// A process whose memory is a sum: a base, what the caches hold, what the allocator keeps, and
/// what a handler takes for a while.
final class SimulatedProcess: Sendable {
  private struct State {
    var base = 10 << 20
    var cached: @Sendable () -> Int = { 0 }
    var heldBefore = 0
    var kept = 0
    var keptPart = 1.0
    var spike = 0
    var peak = 0
    var time: Int64 = 0
    var trims = 0
    var isBlind = false
  }

  private let state = Locked(State())

  var readings: MemoryReadings { readings(groupLimit: nil, group: { nil }) }

  func readings(
    groupLimit: Int?, group: @escaping @Sendable () -> Int?
  ) -> MemoryReadings {
    MemoryReadings(
      resident: { self.resident }, peakResident: { self.peak }, group: group,
      groupLimit: groupLimit, trim: { self.trim() }, nanoseconds: { self.tick() })
  }

  /// Connects the caches.
  func follow(_ cached: @escaping @Sendable () -> Int) { state.withLock { $0.cached = cached } }

  /// The part of evicted bytes that stays in the allocator until it is trimmed.
  func keepFreed(part: Double) { state.withLock { $0.keptPart = part } }

  func goBlind() { state.withLock { $0.isBlind = true } }

  /// Bytes that the handler keeps between invocations.
  func grow(by byteCount: Int) { state.withLock { $0.base += byteCount } }

  /// The resident set; `nil` if it cannot be read.
  var resident: Int? {
    let held = state.withLock { $0.cached }()
    return state.withLock { state in
      if state.isBlind { return nil }
      // Freed bytes stay where they were; new ones are taken from there first.
      let freed = state.heldBefore - held
      state.kept = max(0, state.kept + Int(Double(freed) * (freed > 0 ? state.keptPart : 1)))
      state.heldBefore = held
      let resident = state.base + held + state.kept + state.spike
      state.peak = max(state.peak, resident)
      return resident
    }
  }

  var peak: Int { state.withLock { $0.peak } }
  var trimCount: Int { state.withLock { $0.trims } }

  /// Bytes that a handler has freed and the allocator keeps.
  func leave(_ byteCount: Int) { state.withLock { $0.kept = max($0.kept, byteCount) } }

  /// A handler takes memory and lets go of it.
  ///
  /// - Returns: The resident set at its height.
  func spike(_ byteCount: Int) -> Int {
    state.withLock { $0.spike = byteCount }
    let height = resident ?? 0
    state.withLock { $0.spike = 0 }
    return height
  }

  private func trim() {
    state.withLock { state in
      state.kept = 0
      state.trims += 1
    }
  }

  private func tick() -> Int64 {
    state.withLock { state in
      state.time += 1000
      return state.time
    }
  }
}
