/// How slots get their memory, and how they give it back.
extension SlotTable {
  /// The fewest slots worth reserving; less address space than that is a broken system.
  private static var fewestSlots: Int { 64 }

  /// Reserves the region, for as many slots as the system lends address space for.
  @usableFromInline
  mutating func reserve() {
    while true {
      let recordBytes = VirtualMemory.roundedUpToPages(
        (slotLimit + 1) * MemoryLayout<SlotRecord>.stride)
      let payloadBytes = VirtualMemory.roundedUpToPages((slotLimit + 1) * payloadStride)
      if let region = VirtualMemory.reserve(byteCount: recordBytes + payloadBytes) {
        regionByteCount = recordBytes + payloadBytes
        records = region.bindMemory(to: SlotRecord.self, capacity: slotLimit + 1)
        payload = region + recordBytes
        records.initialize(to: SlotRecord(previous: 0, next: 0, hash: 0, heapGranules: 0))
        return
      }
      precondition(
        slotLimit > SlotTable.fewestSlots,
        "the system lends no address space for \(slotLimit) cache slots")
      slotLimit = max(SlotTable.fewestSlots, slotLimit / 2)
    }
  }

  /// Whether so much of the table is free that entries should move down.
  ///
  /// A quarter is more than a full cache of mixed sizes breathes, so that a steady load never moves
  /// anything.
  @inlinable package var isSparse: Bool { freeCount > 8 && freeCount > Int(highWater) / 4 }

  /// Shrinks the table by its highest slot; an entry there moves to a free slot, links included.
  ///
  /// - Returns: Where the entry of the old highest slot is now, or 0 if that slot was free. The
  ///   caller moves the payload and whatever else names the slot.
  /// - Complexity: O(1).
  @usableFromInline
  package mutating func dropHighestSlot() -> Slot {
    precondition(freeCount > 0, "a table without a free slot cannot shrink")
    let highest = highWater
    defer { highWater -= 1 }
    if isFree(highest) {
      unlinkFree(highest)
      return 0
    }
    let target = freeHead
    unlinkFree(target)
    let record = records[Int(highest)]
    records[Int(target)] = record
    records[Int(record.previous)].next = target
    records[Int(record.next)].previous = target
    return target
  }

  /// Gives the memory above the highest slot back.
  ///
  /// - Parameter share: How much must be unused before that is worth a system call: one part in
  ///   `share`.
  @usableFromInline
  package mutating func releaseUntouched(beyondOneIn share: Int) {
    let needed = Int(highWater) + 1
    guard touchedCount - needed > touchedCount / share else { return }
    let recordStride = MemoryLayout<SlotRecord>.stride
    VirtualMemory.discard(
      in: UnsafeMutableRawPointer(records), from: needed * recordStride,
      to: touchedCount * recordStride)
    VirtualMemory.discard(
      in: payload, from: needed * payloadStride, to: touchedCount * payloadStride)
    touchedCount = needed
  }

  /// Forgets every slot and gives the whole region back; no payload may be initialized.
  package mutating func releaseAll() {
    guard regionByteCount > 0 else { return }
    self = SlotTable(payloadStride: payloadStride, slotLimit: slotLimit)
  }
}
