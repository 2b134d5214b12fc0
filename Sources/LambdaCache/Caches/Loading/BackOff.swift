/// How long a key is not loaded again after its load has failed, once or several times in a row.
public struct BackOff: Sendable, Hashable {
  /// The time after the first failure; zero for none at all.
  package var first: Duration
  /// By what the time is multiplied with every further failure, from 1.
  package var multiplier: Double
  /// The longest time; more than 8,900 years are 8,900 years.
  package var longest: Duration
  /// The part of each time that is left to chance, from 0 to 1.
  ///
  /// With 1 a time lies anywhere between zero and what it would be, as *full jitter* does, so that
  /// many environments do not come back together (M. Brooker, *Exponential Backoff and Jitter*, AWS
  /// Architecture Blog, 2015).
  package var jitter: Double

  /// Creates a back-off.
  ///
  /// - Parameters:
  ///   - first: The time after the first failure.
  ///   - multiplier: By what it is multiplied with every further one, from 1.
  ///   - longest: The longest time; `nil` for a minute, or `first` if that is longer.
  ///   - jitter: The part that is left to chance, from 0 to 1.
  public init(
    first: Duration, multiplier: Double = 2, longest: Duration? = nil, jitter: Double = 0.5
  ) {
    self.first = first
    self.multiplier = multiplier
    self.longest = longest ?? max(first, .seconds(60))
    self.jitter = jitter
  }

  /// The next request loads again.
  public static let none = BackOff(first: .zero)

  /// The same time after every failure.
  ///
  /// - Parameter duration: The time.
  package static func constant(_ duration: Duration) -> BackOff {
    BackOff(first: duration, multiplier: 1, longest: duration, jitter: 0)
  }

  /// Traps if a number is out of range: that is the caller's mistake, not an outcome.
  func validate() {
    requireArgument(first >= .zero, "the first back-off is negative: \(first)")
    requireArgument(
      multiplier >= 1 && multiplier.isFinite,
      "the multiplier of a back-off is not a finite number from 1: \(multiplier)")
    requireArgument(
      longest >= first, "the longest back-off, \(longest), is shorter than the first, \(first)")
    requireArgument(
      (0...1).contains(jitter), "the jitter of a back-off is not from 0 to 1: \(jitter)")
  }

  /// The time after a number of failures in a row, from 1.
  ///
  /// - Parameters:
  ///   - failures: How many there were.
  ///   - chance: A number from 0 up to 1.
  package func delay(afterFailures failures: Int, chance: Double) -> Duration {
    // A `Duration` can be longer than one that is made of seconds.
    let most = min(longest, .longestNamed) / .seconds(1)
    var seconds = first < .longestNamed ? first / .seconds(1) : most
    for _ in 1..<max(1, min(failures, 1000)) where seconds < most { seconds *= multiplier }
    return .seconds(min(seconds, most) * (1 - jitter * chance))
  }

  /// The time after a number of failures in a row, the last of them with this error.
  func delay(after error: any Error, failures: Int, chance: Double) -> Duration {
    guard first > .zero else { return .zero }
    if let asked = (error as? any ClassifiedError)?.retryAfter { return min(asked, longest) }
    return delay(afterFailures: failures, chance: chance)
  }
}
