/// What the guard of a ``MemoryBudget`` has done since the budget was made: one value, read at one
/// instant.
public struct MemoryGuardStatistics: Sendable, Hashable {
  /// Looks at the resident set.
  public var readings = 0
  /// How often caches had to give memory back.
  public var sheds = 0
  /// Bytes that they gave back, from their coldest entries.
  public var shedByteCount = 0
  /// How often the allocator was told to give back what it does not use.
  public var trims = 0
  /// Bytes by which the resident set fell for that.
  public var trimmedByteCount = 0
  /// Time spent in that.
  public var trimTime: Duration = .zero
  /// How often caches were lent more again.
  public var recoveries = 0
  /// Time spent in all of this.
  public var time: Duration = .zero
  /// The longest that any of it took at once.
  public var longestTime: Duration = .zero
  /// The resident set when it was last read, in bytes.
  public var residentByteCount = 0
  /// The largest resident set that was read or reported by the system, in bytes.
  public var highWaterByteCount = 0
  /// What is kept free for the handler, in bytes.
  public var handlerByteCount = 0

  /// Creates statistics of a guard that has done nothing.
  public init() {}

  /// What happened between two readings of the same budget.
  ///
  /// Counters and times are subtracted; `longestTime`, `residentByteCount`, `highWaterByteCount`
  /// and `handlerByteCount` are those of the later reading.
  ///
  /// - Parameters:
  ///   - later: The later reading.
  ///   - earlier: The earlier reading.
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
