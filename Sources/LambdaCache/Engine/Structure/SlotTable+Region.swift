/// How slots get their memory, and how they give it back.
extension SlotTable {
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
    records[Int(target)] = records[Int(highest)]
    let link = links[Int(highest)]
    links[Int(target)] = link
    links[Int(link.previous)].next = target
    links[Int(link.next)].previous = target
    return target
  }

  /// Bytes of unused slots that are worth a system call: 128 KiB.
  private static var releaseStep: Int { 128 << 10 }

  /// Gives the memory above the highest slot back.
  ///
  /// - Parameter share: How much must be unused before that is worth a system call: one part in
  ///   `share`, or ``releaseStep`` bytes. A large table that empties gives its memory back in steps
  ///   of that size, none of which takes long.
  @usableFromInline
  package mutating func releaseUntouched(beyondOneIn share: Int) {
    let needed = Int(highWater) + 1
    let unused = touchedCount - needed
    guard unused > touchedCount / share || unused * slotByteCount >= SlotTable.releaseStep else {
      return
    }
    let linkStride = MemoryLayout<SlotLinks>.stride
    VirtualMemory.discard(
      in: UnsafeMutableRawPointer(links), from: needed * linkStride, to: touchedCount * linkStride)
    let recordStride = MemoryLayout<SlotRecord>.stride
    VirtualMemory.discard(
      in: UnsafeMutableRawPointer(records), from: needed * recordStride,
      to: touchedCount * recordStride)
    VirtualMemory.discard(
      in: payload, from: needed * payloadStride, to: touchedCount * payloadStride)
    touchedCount = needed
  }

  /// Forgets every slot and gives all columns back; no payload may be initialized.
  package mutating func releaseAll() {
    self = SlotTable(payloadStride: payloadStride)
  }
}
