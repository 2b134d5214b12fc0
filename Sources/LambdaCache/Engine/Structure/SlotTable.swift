/// The slots of a cache: their records, the raw memory of their payload, and the list of free ones.
///
/// There are three columns, each addressed by slot number: links of 8 bytes, records of 8 bytes,
/// and payload of a stride the owner names. Links are apart because a hit touches those of three
/// slots and the record of none. Nothing is reserved before the owner asks for the first slots.
/// Slots `1...highWater` have been handed out at some time; the free ones among them form a doubly
/// linked list, so that any of them can leave it.
@usableFromInline
package struct SlotTable: ~Copyable {
  /// Those of slot 0 are the sentinel of the recency ring.
  @usableFromInline package var links: UnsafeMutablePointer<SlotLinks>
  @usableFromInline package var records: UnsafeMutablePointer<SlotRecord>
  /// The payload of slot 0, which is never initialized; slot *n* lies *n* strides behind it.
  @usableFromInline package var payload: UnsafeMutableRawPointer
  /// Every slot above this one is untouched by the present generation of entries.
  @usableFromInline package var highWater: Slot = 0
  @usableFromInline package var freeHead: Slot = 0
  @usableFromInline package var freeCount: Int = 0
  /// Slots whose memory may be resident, the sentinel's included; 0 before the first.
  @usableFromInline package var touchedCount: Int = 0
  /// The slots that may be taken: every column has address space for as many.
  @usableFromInline package var slotLimit = 0
  @usableFromInline package let payloadStride: Int
  private var linkByteCount = 0
  private var recordByteCount = 0
  private var payloadByteCount = 0

  package init(payloadStride: Int) {
    self.payloadStride = payloadStride
    links = SlotTable.placeholder
    // Aligned and never read: every reader has found a slot first.
    records = UnsafeMutablePointer(bitPattern: MemoryLayout<SlotRecord>.alignment)!
    payload = UnsafeMutableRawPointer(SlotTable.placeholder)
  }

  deinit {
    if linkByteCount > 0 { VirtualMemory.release(links, byteCount: linkByteCount) }
    if recordByteCount > 0 { VirtualMemory.release(records, byteCount: recordByteCount) }
    if payloadByteCount > 0 { VirtualMemory.release(payload, byteCount: payloadByteCount) }
  }

  /// Has every column take address space for so many slots.
  ///
  /// They can be taken once ``slotLimit`` is raised. Slots stay what and where they are, by number;
  /// columns may move.
  ///
  /// - Returns: `false` if the system does not grant so much.
  package mutating func reserve(slots count: Int) -> Bool {
    let oldLinks = linkByteCount
    var base = UnsafeMutableRawPointer(links)
    let hasLinks = AddressSpace.extend(
      &base, reserved: &linkByteCount, to: (count + 1) * MemoryLayout<SlotLinks>.stride,
      used: touchedCount * MemoryLayout<SlotLinks>.stride)
    guard hasLinks else { return false }
    links = base.bindMemory(to: SlotLinks.self, capacity: count + 1)
    if oldLinks == 0 { links.initialize(to: SlotLinks(previous: 0, next: 0)) }
    base = UnsafeMutableRawPointer(records)
    let hasRecords = AddressSpace.extend(
      &base, reserved: &recordByteCount, to: (count + 1) * MemoryLayout<SlotRecord>.stride,
      used: touchedCount * MemoryLayout<SlotRecord>.stride)
    guard hasRecords else { return false }
    records = base.bindMemory(to: SlotRecord.self, capacity: count + 1)
    return AddressSpace.extend(
      &payload, reserved: &payloadByteCount, to: (count + 1) * payloadStride,
      used: touchedCount * payloadStride)
  }

  /// Stands for the sentinel while nothing is reserved.
  private static var placeholder: UnsafeMutablePointer<SlotLinks> { Placeholder.links }

  /// Bytes of a slot beside its payload.
  @inlinable package static var structureByteCount: Int {
    MemoryLayout<SlotLinks>.stride + MemoryLayout<SlotRecord>.stride
  }

  /// Bytes one slot takes: its links, its record and its payload.
  @inlinable package var slotByteCount: Int { SlotTable.structureByteCount + payloadStride }

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
  /// - Precondition: ``hasRoom``.
  ///
  /// - Complexity: O(1).
  @inlinable @inline(__always)
  package mutating func takeSlot() -> Slot {
    if freeCount > 0 {
      let slot = freeHead
      unlinkFree(slot)
      return slot
    }
    highWater += 1
    precondition(Int(highWater) <= slotLimit, "a slot was taken that the columns cannot hold")
    touchedCount = max(touchedCount, Int(highWater) + 1)
    return highWater
  }

  /// Puts a slot on the free list.
  @inlinable @inline(__always)
  package mutating func freeSlot(_ slot: Slot) {
    records[Int(slot)] = SlotRecord(hash: 0, heapGranules: SlotRecord.freeMark)
    links[Int(slot)] = SlotLinks(previous: 0, next: freeHead)
    if freeHead != 0 { links[Int(freeHead)].previous = slot }
    freeHead = slot
    freeCount += 1
  }

  @inlinable @inline(__always)
  mutating func unlinkFree(_ slot: Slot) {
    let link = links[Int(slot)]
    if link.previous == 0 {
      freeHead = link.next
    } else {
      links[Int(link.previous)].next = link.next
    }
    if link.next != 0 { links[Int(link.next)].previous = link.previous }
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

/// The links of one empty ring, shared by every cache that has no slots yet, and never written.
private enum Placeholder {
  nonisolated(unsafe) static let links: UnsafeMutablePointer<SlotLinks> = {
    let links = UnsafeMutablePointer<SlotLinks>.allocate(capacity: 1)
    links.initialize(to: SlotLinks(previous: 0, next: 0))
    return links
  }()
}
