import LambdaCache

/// What tells an ``HTTPResponseCache`` the time.
///
/// Two times are told apart: the date, which is compared with dates in fields, and the time that
/// has passed, which ages are counted by and which never runs backward.
public final class HTTPCacheClock: Sendable {
  /// What the clock says at one instant, in milliseconds.
  struct Reading: Sendable {
    /// Since 1970, in UTC.
    var date: Int64
    /// Since some fixed instant.
    var steady: Int64

    /// The date in whole seconds.
    var seconds: Int64 { date >= 0 ? date / 1000 : (date - 999) / 1000 }
  }

  private struct State {
    var timekeeper = Timekeeper()
    var latest = Int64.min
  }

  private let state = Locked(State())
  private let source: (@Sendable () -> Int64)?

  /// The clocks of the system.
  ///
  /// Whichever of them says that more time has passed is believed, so that a pause of the
  /// environment counts whatever clock stood still.
  public static let system = HTTPCacheClock(source: nil)

  /// Creates a clock that asks a closure, for tests.
  ///
  /// - Parameter millisecondsSinceEpoch: Tells the milliseconds since 1970-01-01 00:00 UTC. When it
  ///   runs backward, ages stay what they were.
  public convenience init(millisecondsSinceEpoch: @escaping @Sendable () -> Int64) {
    self.init(source: millisecondsSinceEpoch)
  }

  private init(source: (@Sendable () -> Int64)?) {
    self.source = source
  }

  /// What the clock says now.
  func now() -> Reading {
    guard let source else {
      let date = SystemClocks.coarseWall / 1_000_000
      let tick = state.withLock { $0.timekeeper.now() }
      return Reading(date: date, steady: Int64(tick))
    }
    let date = source()
    let steady = state.withLock { state in
      state.latest = max(state.latest, date)
      return state.latest
    }
    return Reading(date: date, steady: steady)
  }
}
