/// Recomputes the invariants S1 to S4 of DESIGN.md.
extension SlotTable {
  /// The slots in the recency ring, most recently used first.
  ///
  /// - Returns: The slots as far as the ring can be followed; it stops behind the first slot that
  ///   cannot be one, and after one slot more than there are, so that a broken ring ends as well.
  /// - Complexity: O(*n*) in the number of slots.
  package var ringSlots: [Slot] { slots(from: hottest) }

  /// The slots on the free list, the one that is handed out next first; it ends as ``ringSlots``
  /// does.
  ///
  /// - Complexity: O(*n*) in the number of slots.
  package var freeSlots: [Slot] { slots(from: freeHead) }

  /// Recomputes S1 to S4 from links and records alone.
  ///
  /// - Returns: The violations, each beginning with the invariant's number.
  /// - Complexity: O(*n*) in the number of slots.
  package func checkInvariants() -> [String] {
    guard highWater < touchedCount || (highWater == 0 && touchedCount == 0) else {
      return ["S4: highest slot \(highWater), \(touchedCount) touched"]
    }
    guard Int(highWater) <= slotLimit, touchedCount <= slotLimit + 1 else {
      return ["S4: highest slot \(highWater), \(touchedCount) touched, limit \(slotLimit)"]
    }
    let ring = ringSlots
    let free = freeSlots
    return checkRing(ring) + checkFreeList(free) + checkPartition(ring: ring, free: free)
  }

  private func slots(from first: Slot) -> [Slot] {
    var slots: [Slot] = []
    var slot = first
    while slot != 0, slots.count <= Int(highWater) {
      slots.append(slot)
      guard slot <= highWater else { break }
      slot = links[Int(slot)].next
    }
    return slots
  }

  private func checkPartition(ring: [Slot], free: [Slot]) -> [String] {
    var violations: [String] = []
    var places = [Int](repeating: 0, count: Int(highWater) + 1)
    for slot in ring + free {
      if slot > highWater {
        violations.append("S1: slot \(slot) is linked, the highest is \(highWater)")
      } else {
        places[Int(slot)] += 1
      }
    }
    for slot in places.indices.dropFirst() where places[slot] != 1 {
      violations.append("S1: slot \(slot) is in \(places[slot]) places of ring and free list")
    }
    return violations
  }

  private func checkRing(_ ring: [Slot]) -> [String] {
    guard let last = ring.last else {
      return coldest == 0 ? [] : ["S2: the ring is empty forward, but not backward"]
    }
    guard ring.allSatisfy({ $0 <= highWater }) else { return ["S2: the ring leaves the table"] }
    var violations: [String] = []
    if ring.count != usedCount {
      violations.append("S2: the ring has \(ring.count) slots, \(usedCount) are in use")
    }
    var previous: Slot = 0
    for slot in ring {
      if links[Int(slot)].previous != previous {
        violations.append(
          "S2: slot \(slot) follows \(previous), but names \(links[Int(slot)].previous)")
      }
      previous = slot
    }
    if links[Int(last)].next != 0 { violations.append("S2: the ring does not close") }
    if coldest != last {
      violations.append("S2: the coldest slot is \(coldest), the ring ends with \(last)")
    }
    return violations
  }

  private func checkFreeList(_ free: [Slot]) -> [String] {
    guard free.allSatisfy({ $0 <= highWater }) else {
      return ["S3: the free list leaves the table"]
    }
    var violations: [String] = []
    if free.count != freeCount {
      violations.append("S3: the free list has \(free.count) slots, freeCount is \(freeCount)")
    }
    var previous: Slot = 0
    for slot in free {
      if links[Int(slot)].previous != previous {
        violations.append(
          "S3: free slot \(slot) follows \(previous), but names \(links[Int(slot)].previous)")
      }
      previous = slot
    }
    let listed = Set(free)
    for slot in Slot(0)...highWater where slot != 0 && isFree(slot) != listed.contains(slot) {
      violations.append(
        "S3: slot \(slot) is \(isFree(slot) ? "marked, but not listed" : "listed, but not marked")")
    }
    return violations
  }
}
