import LambdaCache

/// What a cache has saved, for one cache or several, over an invocation or a lifetime.
///
/// Reports of separate times or caches can be added, and an earlier total can be subtracted from a
/// later one. ``SavingsLedger`` says how they are computed.
public struct Savings: Sendable, Hashable, AdditiveArithmetic {
  /// Look-ups that were answered by the cache, those included that were given an expired value.
  public var hits = 0
  /// Look-ups that were not.
  public var misses = 0
  /// Loads that were made although there was an answer: each takes back one of the hits.
  public var refreshes = 0
  /// The time that invocations did not wait for the database; negative if refreshes took longer
  /// than hits saved.
  public var time: Duration = .zero
  /// Gigabytes (1,024 MB) of the memory setting times the seconds in ``time``.
  public var gigabyteSeconds = 0.0
  /// US dollars: ``gigabyteSeconds`` and ``databaseCalls`` at their prices.
  public var dollars = 0.0

  /// Creates a report of nothing saved.
  public init() {}

  /// Look-ups.
  public var requests: Int { hits + misses }

  /// Calls that the database did not get, net of refreshes: negative if there were more of those
  /// than hits.
  public var databaseCalls: Int { hits - refreshes }

  /// The share of look-ups that were hits, from 0 to 1; `nil` if there were none.
  public var hitRatio: Double? {
    requests == 0 ? nil : Double(hits) / Double(requests)
  }

  /// ``time`` in milliseconds.
  public var milliseconds: Double { time / .milliseconds(1) }

  /// A report of nothing saved.
  public static var zero: Savings { Savings() }

  /// What two reports say together.
  ///
  /// - Parameters:
  ///   - left: A report.
  ///   - right: One of another time or another cache.
  /// - Returns: The sum.
  public static func + (left: Savings, right: Savings) -> Savings {
    var sum = left
    sum.hits += right.hits
    sum.misses += right.misses
    sum.refreshes += right.refreshes
    sum.time = left.time.addingClamped(right.time)
    sum.gigabyteSeconds += right.gigabyteSeconds
    sum.dollars += right.dollars
    return sum
  }

  /// What was saved between two totals.
  ///
  /// - Parameters:
  ///   - later: The later total.
  ///   - earlier: The earlier total.
  /// - Returns: The difference.
  public static func - (later: Savings, earlier: Savings) -> Savings {
    var difference = later
    difference.hits -= earlier.hits
    difference.misses -= earlier.misses
    difference.refreshes -= earlier.refreshes
    difference.time = later.time.subtractingClamped(earlier.time)
    difference.gigabyteSeconds -= earlier.gigabyteSeconds
    difference.dollars -= earlier.dollars
    return difference
  }
}
