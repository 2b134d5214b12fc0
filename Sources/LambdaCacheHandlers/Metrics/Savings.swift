internal import LambdaCache

/// The savings of one cache or several, between two readings or over a lifetime; see
/// ``SavingsLedger``.
struct Savings: Hashable {
  /// Look-ups that were answered by the cache, those included whose answer was an expired value or
  /// that there is none.
  var hits = 0
  /// Look-ups that were not.
  var misses = 0
  /// Loads that were made although there was an answer: each takes back one of the hits.
  var refreshes = 0
  /// The time that invocations did not wait for the database; negative if refreshes took longer
  /// than hits saved.
  var time: Duration = .zero
  /// Gigabytes (1,024 MB) of the memory setting times the seconds in ``time``.
  var gigabyteSeconds = 0.0
  /// US dollars: ``gigabyteSeconds`` and ``databaseCalls`` at their prices.
  var dollars = 0.0
  /// Entries that left so that others have room, or because memory ran short.
  var evictions = 0
  /// Values that were not stored.
  var rejections = 0
  /// Entries at the later reading.
  var entries = 0
  /// Bytes in use at the later reading.
  var bytes = 0

  var requests: Int { hits + misses }

  /// Calls that the database did not get, net of refreshes: negative if there were more of those
  /// than hits.
  var databaseCalls: Int { hits - refreshes }

  /// The share of look-ups that were hits, from 0 to 1; `nil` if there were none.
  var hitRatio: Double? {
    requests == 0 ? nil : Double(hits) / Double(requests)
  }

  var milliseconds: Double { time / .milliseconds(1) }

  static var zero: Savings { Savings() }

  static func + (left: Savings, right: Savings) -> Savings {
    var sum = left
    sum.hits += right.hits
    sum.misses += right.misses
    sum.refreshes += right.refreshes
    sum.time = left.time.addingClamped(right.time)
    sum.gigabyteSeconds += right.gigabyteSeconds
    sum.dollars += right.dollars
    sum.evictions += right.evictions
    sum.rejections += right.rejections
    sum.entries += right.entries
    sum.bytes += right.bytes
    return sum
  }

  /// Whether nothing happened, whatever the cache holds.
  var isEmpty: Bool {
    var events = self
    events.entries = 0
    events.bytes = 0
    return events == .zero
  }

  /// What happened in this time and in one before it, with the contents at the end.
  func following(_ earlier: Savings) -> Savings {
    var sum = earlier + self
    sum.entries = entries
    sum.bytes = bytes
    return sum
  }
}
