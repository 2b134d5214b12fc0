internal import LambdaCache

/// The two times of an ``HTTPResponseCache``: the date, which is compared with dates in fields, and
/// the elapsed time, which ages are counted by and which never decreases.
final class HTTPClock: Sendable {
  /// One instant, in milliseconds.
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
  private let source: (any CacheClock)?

  /// - Parameter source: A clock whose elapsed time counts from 1970; `nil` for the clocks of the
  ///   system. If it runs backward, ages stay what they were.
  init(_ source: (any CacheClock)?) {
    self.source = source
  }

  func now() -> Reading {
    guard let source else {
      let date = SystemClocks.coarseWall / 1_000_000
      // Elapsed time includes pauses of the environment, whichever clock stood still.
      let tick = state.withLock { $0.timekeeper.now() }
      return Reading(date: date, steady: Int64(tick))
    }
    let date = source.elapsed.wholeMilliseconds
    let steady = state.withLock { state in
      state.latest = max(state.latest, date)
      return state.latest
    }
    return Reading(date: date, steady: steady)
  }
}
