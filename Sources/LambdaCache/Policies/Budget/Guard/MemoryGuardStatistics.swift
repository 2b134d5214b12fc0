/// The counters of a ``MemoryBudget``'s guard since the budget was made: one value, read at one
/// instant.
public struct MemoryGuardStatistics: Sendable, Hashable {
  /// Readings of the resident set.
  public var readings = 0
  /// The times that caches had to give memory back.
  public var sheds = 0
  /// Bytes that they gave back, from their coldest entries.
  public var shedByteCount = 0
  /// The times that unused memory of the allocator was given back.
  public var trims = 0
  /// Bytes by which the resident set fell for that.
  public var trimmedByteCount = 0
  /// Time spent in that.
  public var trimTime: Duration = .zero
  /// The times that bytes were restored to caches.
  public var recoveries = 0
  /// Time spent in the guard.
  public var time: Duration = .zero
  /// The longest time spent in it at once.
  public var longestTime: Duration = .zero
  /// The resident set when it was last read, in bytes.
  public var residentByteCount = 0
  /// The largest resident set that was read or reported by the system, in bytes.
  public var highWaterByteCount = 0
  /// The bytes that are kept free for the handler.
  public var handlerByteCount = 0

  /// Creates statistics of a guard that has done nothing.
  public init() {}

  /// The difference between two values of the same budget.
  ///
  /// Counters and times are subtracted; `longestTime`, `residentByteCount`, `highWaterByteCount`
  /// and `handlerByteCount` are those of the later value.
  ///
  /// - Parameters:
  ///   - later: The later value.
  ///   - earlier: The earlier value.
  /// - Returns: The difference.
  public static func - (
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
