/// The pauses between attempts to connect.
///
/// Each is any time up to a limit that doubles with every failure ("full jitter"), so that
/// environments that lost the same server do not come back together.
struct Backoff {
  let first: Int64
  let longest: Int64
  /// Chooses a pause, given the limit.
  let choose: @Sendable (Int64) -> Int64
  private var failures = 0

  /// - Parameters:
  ///   - first: The longest pause after the first failure, in nanoseconds.
  ///   - longest: The longest pause after any number of failures.
  ///   - choose: Chooses a pause, given the limit.
  init(first: Int64, longest: Int64, choose: @escaping @Sendable (Int64) -> Int64) {
    self.first = first
    self.longest = longest
    self.choose = choose
  }

  /// Notes a failure.
  ///
  /// - Returns: The pause before the next attempt, in nanoseconds.
  mutating func pauseAfterFailure() -> Int64 {
    let limit = failures < 32 ? min(longest, first << failures) : longest
    failures += 1
    return choose(limit)
  }

  /// Notes a connection that was made.
  mutating func succeeded() { failures = 0 }
}
