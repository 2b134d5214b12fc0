/// The counters of a ``MemoryBudget``'s guard since the budget was made: one value, read at one
/// instant.
package struct MemoryGuardStatistics: Sendable, Hashable {
  /// Readings of the resident set.
  package var readings = 0
  /// The times that caches had to give memory back.
  package var sheds = 0
  /// Bytes that they gave back, from their coldest entries.
  package var shedByteCount = 0
  /// The times that unused memory of the allocator was given back.
  package var trims = 0
  /// Bytes by which the resident set fell for that.
  package var trimmedByteCount = 0
  /// Time spent in that.
  package var trimTime: Duration = .zero
  /// The times that bytes were restored to caches.
  package var recoveries = 0
  /// Time spent in the guard.
  package var time: Duration = .zero
  /// The longest time spent in it at once.
  package var longestTime: Duration = .zero
  /// The resident set when it was last read, in bytes.
  package var residentByteCount = 0
  /// The largest resident set that was read or reported by the system, in bytes.
  package var highWaterByteCount = 0
  /// The bytes that are kept free for the handler.
  package var handlerByteCount = 0

  /// Creates statistics of a guard that has done nothing.
  package init() {}

  /// The difference between two values of the same budget.
  ///
  /// Counters and times are subtracted; `longestTime`, `residentByteCount`, `highWaterByteCount`
  /// and `handlerByteCount` are those of the later value.
  ///
  /// - Parameters:
  ///   - later: The later value.
  ///   - earlier: The earlier value.
  /// - Returns: The difference.
  package static func - (
    later: MemoryGuardStatistics, earlier: MemoryGuardStatistics
  ) -> MemoryGuardStatistics {
    var difference = later
    difference.readings -= earlier.readings
    difference.sheds -= earlier.sheds
    difference.shedByteCount -= earlier.shedByteCount
    difference.trims -= earlier.trims
    difference.trimmedByteCount -= earlier.trimmedByteCount
    difference.trimTime -= earlier.trimTime
    difference.recoveries -= earlier.recoveries
    difference.time -= earlier.time
    return difference
  }
}

extension MemoryGuardStatistics {
  /// The numbers by name: bytes, counts, and times in microseconds.
  var figures: [String: Int] {
    [
      "readings": readings, "sheds": sheds, "shedBytes": shedByteCount, "trims": trims,
      "trimmedBytes": trimmedByteCount, "trimMicroseconds": microseconds(trimTime),
      "recoveries": recoveries, "microseconds": microseconds(time),
      "longestMicroseconds": microseconds(longestTime), "residentBytes": residentByteCount,
      "peakBytes": highWaterByteCount, "handlerBytes": handlerByteCount,
    ]
  }

  private func microseconds(_ time: Duration) -> Int {
    Int(min(time, .seconds(1 << 40)) / .microseconds(1))
  }
}
