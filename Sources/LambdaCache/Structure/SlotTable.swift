/// The slots of a cache: their records, the raw room for their payload, and which of them are free.
///
/// Two arrays lie in one reserved region, each addressed by slot number: records of 16 bytes, then
/// payload of a stride the owner names. Nothing is reserved before the first slot is taken. Slots
/// `1...highWater` have been handed out at some time; the free ones among them form a doubly linked
/// list, so that any of them can leave it.
@usableFromInline
package struct SlotTable: ~Copyable {
  /// Slot 0 is the sentinel of the recency ring.
  @usableFromInline package var records: UnsafeMutablePointer<SlotRecord>
  /// The payload of slot 0, which is never initialized; slot *n* lies *n* strides behind it.
  @usableFromInline package var payload: UnsafeMutableRawPointer
  /// Every slot above this one is untouched by the present generation of entries.
  @usableFromInline package var highWater: Slot = 0
  @usableFromInline package var freeHead: Slot = 0
  @usableFromInline package var freeCount: Int = 0
  /// Slots whose memory may be resident, the sentinel's included; 0 before the first.
  @usableFromInline package var touchedCount: Int = 0
  /// The most slots the region can hold; `reserve` may lower it.
  @usableFromInline package var slotLimit: Int
  @usableFromInline package let payloadStride: Int
  @usableFromInline var regionByteCount = 0

  package init(payloadStride: Int, slotLimit: Int) {
    self.payloadStride = payloadStride
    self.slotLimit = slotLimit
    records = SlotTable.placeholder
    payload = UnsafeMutableRawPointer(SlotTable.placeholder)
  }

  deinit {
    if regionByteCount > 0 { VirtualMemory.release(records, byteCount: regionByteCount) }
  }

  /// Stands for the records while no region is reserved: only its own `next`, 0, is ever read.
  private static var placeholder: UnsafeMutablePointer<SlotRecord> { Placeholder.record }

  /// Bytes one slot takes: its record and its payload.
  @inlinable package var slotByteCount: Int { MemoryLayout<SlotRecord>.stride + payloadStride }

  /// Bytes of slots that may be resident.
  @inlinable package var byteCount: Int { touchedCount &* slotByteCount }

  /// Slots that hold entries.
  @inlinable package var usedCount: Int { Int(highWater) &- freeCount }

  /// Bytes that taking one more slot adds to `byteCount`.
  @inlinable package var nextSlotByteCount: Int {
    if freeCount > 0 || Int(highWater) + 1 < touchedCount { return 0 }
    return touchedCount == 0 ? 2 * slotByteCount : slotByteCount
  }

  /// Whether a slot can be had at all.
  @inlinable package var hasRoom: Bool { freeCount > 0 || Int(highWater) < slotLimit }

  /// Hands out a slot: one that was freed last, else the lowest that was never used.
  ///
  /// The caller has asked ``hasRoom``.
  ///
  /// - Complexity: O(1); the first call reserves the region.
  @inlinable @inline(__always)
  package mutating func takeSlot() -> Slot {
    if freeCount > 0 {
      let slot = freeHead
      unlinkFree(slot)
      return slot
    }
    if regionByteCount == 0 { reserve() }
    highWater += 1
    precondition(Int(highWater) <= slotLimit, "a slot was taken that the region cannot hold")
    touchedCount = max(touchedCount, Int(highWater) + 1)
    return highWater
  }

  /// Puts a slot on the free list.
  @inlinable @inline(__always)
  package mutating func freeSlot(_ slot: Slot) {
    records[Int(slot)] = SlotRecord(
      previous: 0, next: freeHead, hash: 0, heapGranules: SlotRecord.freeMark)
    if freeHead != 0 { records[Int(freeHead)].previous = slot }
    freeHead = slot
    freeCount += 1
  }

  @inlinable @inline(__always)
  mutating func unlinkFree(_ slot: Slot) {
    let record = records[Int(slot)]
    if record.previous == 0 {
      freeHead = record.next
    } else {
      records[Int(record.previous)].next = record.next
    }
    if record.next != 0 { records[Int(record.next)].previous = record.previous }
    freeCount -= 1
  }

  /// Whether a slot up to `highWater` is on the free list.
  @inlinable
  package func isFree(_ slot: Slot) -> Bool {
    records[Int(slot)].heapGranules == SlotRecord.freeMark
  }

  @inlinable
  package func payload(of slot: Slot) -> UnsafeMutableRawPointer {
    payload + Int(slot) &* payloadStride
  }
}

/// One zeroed record, shared by every cache that has no slots yet.
private enum Placeholder {
  nonisolated(unsafe) static let record: UnsafeMutablePointer<SlotRecord> = {
    let record = UnsafeMutablePointer<SlotRecord>.allocate(capacity: 1)
    record.initialize(to: SlotRecord(previous: 0, next: 0, hash: 0, heapGranules: 0))
    return record
  }()
}
