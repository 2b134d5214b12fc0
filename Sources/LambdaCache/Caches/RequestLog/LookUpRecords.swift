/// The records of a log that are not written yet: bounded, and those dropped are counted.
///
/// There are two lists, one of which grows while the other is written without a lock.
struct LookUpRecords {
  private var growing: [LookUpRecord] = []
  private var spare: [LookUpRecord] = []
  private var isWriting = false
  /// Whether the line about the environment's memory is still to be written.
  private var isFirst: Bool
  /// Look-ups that had no room or that the output did not take, and that no line has announced.
  private(set) var dropped = 0
  /// The rest of a piece that the output took a part of, which has to come first.
  private var rest: [UInt8] = []
  private let capacity: Int

  /// How many of the latest records are searched for a look-up whose value has come, and kept for
  /// it when others are written.
  static let pendingLimit = 256

  /// The age of the oldest record, in milliseconds, at which a log is written although no
  /// invocation has ended.
  static let longestDelay: Int64 = 60_000

  /// - Parameters:
  ///   - capacity: The most records.
  ///   - hasMemory: Whether a line about the environment's memory comes before all others.
  init(capacity: Int, hasMemory: Bool) {
    self.capacity = capacity
    isFirst = hasMemory
    growing.reserveCapacity(capacity)
    spare.reserveCapacity(capacity)
  }

  /// Adds a record, or counts it as dropped.
  ///
  /// - Returns: Whether it is time to write.
  mutating func append(_ record: LookUpRecord) -> Bool {
    guard growing.count < capacity else {
      dropped += 1
      return !isWriting
    }
    growing.append(record)
    let isOld = record.time - growing[0].time >= LookUpRecords.longestDelay
    return (growing.count == capacity || isOld) && !isWriting
  }

  /// Completes the misses of a key whose value has come.
  ///
  /// - Parameter loadMicroseconds: 0 if it is not known, or not yet.
  mutating func complete(_ key: UInt64, byteCount: Int, loadMicroseconds: UInt32) {
    for index in growing.indices.suffix(LookUpRecords.pendingLimit)
    where growing[index].key == key && !growing[index].isHit {
      if growing[index].isPending { growing[index].byteCount = byteCount }
      if growing[index].loadMicroseconds == 0 {
        growing[index].loadMicroseconds = loadMicroseconds
      }
    }
  }

  /// Takes out what is to be written; ``finishWriting(_:)`` ends that.
  ///
  /// - Parameter keepsPending: Whether misses stay whose values may still come.
  /// - Returns: `nil` if there is nothing, or other records are being written.
  mutating func beginWriting(keepsPending: Bool) -> LookUpBatch? {
    guard !isWriting, !growing.isEmpty || dropped > 0 || !rest.isEmpty else { return nil }
    isWriting = true
    var records = growing
    growing = spare
    spare = []
    if keepsPending { keepPending(of: &records) }
    defer { (dropped, rest) = (0, []) }
    return LookUpBatch(records: records, isFirst: isFirst, dropped: dropped, rest: rest)
  }

  /// Moves the latest misses whose values may still come into the list that grows, at most half of
  /// what that holds.
  private mutating func keepPending(of records: inout [LookUpRecord]) {
    let tail = max(0, records.count - min(LookUpRecords.pendingLimit, capacity / 2))
    growing += records[tail...].filter(\.isPending)
    var end = tail
    for index in tail..<records.count where !records[index].isPending {
      records[end] = records[index]
      end += 1
    }
    records.removeSubrange(end...)
  }

  /// Takes back what ``beginWriting(keepsPending:)`` has handed out.
  mutating func finishWriting(_ batch: consuming LookUpBatch) {
    dropped += batch.dropped
    rest = batch.rest
    isFirst = batch.isFirst
    spare = batch.records
    spare.removeAll(keepingCapacity: true)
    isWriting = false
  }
}
