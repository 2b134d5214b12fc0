import TestSupport
import Testing

@testable import LambdaCacheHandlers

@Suite("The breaker of a shared tier", .timeLimit(.minutes(15)))
struct TierBreakerTests {
  /// A breaker that expectations may change.
  private final class Subject {
    private var breaker = TierBreaker()

    func mayCall(now: Duration) -> Bool { breaker.mayCall(now: now) }
    func noteSuccess() { breaker.noteSuccess() }
    func noteFailure(now: Duration, chance: Double) {
      breaker.noteFailure(now: now, chance: chance)
    }
    func noteCancellation() { breaker.noteCancellation() }
  }

  private static func failing(at now: Duration) -> Subject {
    let breaker = Subject()
    for _ in 0..<3 { breaker.noteFailure(now: now, chance: 0) }
    return breaker
  }

  @Test("Two failures change nothing, the third ends all calls for a second")
  func third() {
    let breaker = Subject()
    for _ in 0..<2 {
      breaker.noteFailure(now: .zero, chance: 0)
      #expect(breaker.mayCall(now: .zero))
    }
    breaker.noteFailure(now: .zero, chance: 0)
    #expect(!breaker.mayCall(now: .zero))
    #expect(!breaker.mayCall(now: .milliseconds(999)))
    #expect(breaker.mayCall(now: .seconds(1)))
  }

  @Test("A success between failures begins the count anew")
  func success() {
    let breaker = Subject()
    for _ in 0..<10 {
      breaker.noteFailure(now: .zero, chance: 0)
      breaker.noteFailure(now: .zero, chance: 0)
      breaker.noteSuccess()
    }
    #expect(breaker.mayCall(now: .zero))
  }

  @Test("After the pause one call is the trial, and the others wait for how it ends")
  func oneTrial() {
    let breaker = Self.failing(at: .zero)
    #expect(breaker.mayCall(now: .seconds(2)))
    #expect(!breaker.mayCall(now: .seconds(2)))
    breaker.noteSuccess()
    #expect(breaker.mayCall(now: .seconds(2)))
    #expect(breaker.mayCall(now: .seconds(2)))
  }

  @Test("Each trial that fails doubles the pause, up to a minute")
  func backOff() {
    let breaker = Self.failing(at: .zero)
    var now = Duration.seconds(1)
    for pause in [2, 4, 8, 16, 32, 60, 60] {
      #expect(breaker.mayCall(now: now))
      breaker.noteFailure(now: now, chance: 0)
      #expect(!breaker.mayCall(now: now + .seconds(pause) - .milliseconds(1)))
      now += .seconds(pause)
    }
  }

  @Test("Up to half of a pause is left to chance")
  func jitter() {
    let breaker = Subject()
    for _ in 0..<3 { breaker.noteFailure(now: .zero, chance: 1) }
    #expect(!breaker.mayCall(now: .milliseconds(499)))
    #expect(breaker.mayCall(now: .milliseconds(500)))
  }

  @Test("A trial that was given up leaves the next call the trial")
  func cancelledTrial() {
    let breaker = Self.failing(at: .zero)
    #expect(breaker.mayCall(now: .seconds(1)))
    breaker.noteCancellation()
    #expect(breaker.mayCall(now: .seconds(1)))
  }

  @Test("A call from before the pause makes it no longer")
  func lateFailure() {
    let breaker = Self.failing(at: .zero)
    for _ in 0..<20 { breaker.noteFailure(now: .milliseconds(900), chance: 0) }
    #expect(breaker.mayCall(now: .seconds(1)))
  }
}
