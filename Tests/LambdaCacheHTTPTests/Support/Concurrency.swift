import LambdaCache
import Testing

/// A value that several tasks read and write.
final class LockedValue<Value: Sendable>: Sendable {
  private let value: Locked<Value>

  init(_ value: Value) { self.value = Locked(value) }

  func get() -> Value { value.withLock { $0 } }

  func set(_ newValue: Value) { value.withLock { $0 = newValue } }

  @discardableResult
  func update<Result: Sendable>(_ body: @Sendable (inout Value) -> Result) -> Result {
    value.withLock { value in body(&value) }
  }
}

/// Holds tasks up until it is opened.
final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Locked(State())

  func pass() async {
    await withCheckedContinuation { waiter in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiters.append(waiter) }
        return state.isOpen
      }
      if isOpen { waiter.resume() }
    }
  }

  func open() {
    let waiters = state.withLock { state in
      state.isOpen = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }
}

/// Waits until something holds that other tasks bring about: for ten minutes, because beside all
/// other tests, under a sanitizer, what comes at once may take some; or for as many seconds as
/// `LAMBDA_CACHE_TEST_PATIENCE` says.
func eventually(
  _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation,
  _ condition: () -> Bool
) async throws {
  let seconds = ProcessEnvironment.current["LAMBDA_CACHE_TEST_PATIENCE"].flatMap(Int.init)
  let deadline = ContinuousClock.now + .seconds(seconds ?? 600)
  while !condition() {
    try Task.checkCancellation()
    guard ContinuousClock.now < deadline else {
      Issue.record("never came true: \(comment)", sourceLocation: sourceLocation)
      throw CancellationError()
    }
    await Task.yield()
  }
}

/// A generator whose numbers a seed repeats (SplitMix64, Steele and others, 2014).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
