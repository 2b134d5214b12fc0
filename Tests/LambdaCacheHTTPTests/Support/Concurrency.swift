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
///
/// A test that waits for a task behind a gate which it would open only afterwards fails: the gate
/// opens by itself when ``patience`` is over, and says so.
final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var waiters: [CheckedContinuation<Void, Never>] = []
    var watchdog: Task<Void, any Error>?
  }

  private let state = Locked(State())

  func pass() async {
    await withCheckedContinuation { waiter in
      let (isOpen, isFirst) = state.withLock { state in
        if !state.isOpen { state.waiters.append(waiter) }
        return (state.isOpen, !state.isOpen && state.waiters.count == 1)
      }
      if isOpen { waiter.resume() }
      if isFirst { watch() }
    }
  }

  func open() {
    let (waiters, watchdog) = state.withLock { state in
      state.isOpen = true
      defer { (state.waiters, state.watchdog) = ([], nil) }
      return (state.waiters, state.watchdog)
    }
    watchdog?.cancel()
    for waiter in waiters { waiter.resume() }
  }

  /// Opens the gate if the test does not.
  private func watch() {
    let watchdog = Task { [weak self] in
      try await Task.sleep(for: patience)
      guard let self, !self.state.withLock({ $0.isOpen }) else { return }
      Issue.record("what is behind a gate was waited for before the gate was opened")
      self.open()
    }
    let isOpen = state.withLock { state in
      state.watchdog = watchdog
      return state.isOpen
    }
    if isOpen { watchdog.cancel() }
  }
}

/// How long something is waited for that other tasks bring about: ten minutes, because beside all
/// other tests, under a sanitizer, what comes at once may take some; or as many seconds as
/// `LAMBDA_CACHE_TEST_PATIENCE` says.
let patience: Duration = .seconds(
  ProcessEnvironment.current["LAMBDA_CACHE_TEST_PATIENCE"].flatMap(Int.init) ?? 600)

/// Waits until something holds that other tasks bring about.
func eventually(
  _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation,
  _ condition: () -> Bool
) async throws {
  let deadline = ContinuousClock.now + patience
  var looks = 0
  while !condition() {
    try Task.checkCancellation()
    guard ContinuousClock.now < deadline else {
      Issue.record("never came true: \(comment)", sourceLocation: sourceLocation)
      throw CancellationError()
    }
    looks += 1
    // What does not come at once waits for other tests, which hundreds that look would hold up.
    if looks < 100 { await Task.yield() } else { try await Task.sleep(for: .milliseconds(1)) }
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
