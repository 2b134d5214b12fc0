/// Recomputes the invariants P1 to P5 of DESIGN.md.
extension AdaptivePolicy {
  /// Recomputes P1 to P5 from ring, records and marks.
  ///
  /// - Returns: The violations, each beginning with the invariant's number.
  /// - Complexity: O(*n*) in the number of slots.
  func checkInvariants(_ table: borrowing SlotTable) -> [String] {
    let ring = table.ringSlots
    return checkLists(ring, table) + checkTotals(ring, table) + checkMemory()
  }

  /// P1 and P2: the lists follow one another in the ring, and each entry is in one that it may be
  /// in.
  private func checkLists(_ ring: [Slot], _ table: borrowing SlotTable) -> [String] {
    var violations: [String] = []
    var place = 0
    for list in 0..<2 * SizeOctave.count {
      let ends = lists[list]
      guard lists.nonempty & 1 << list != 0 else {
        if ends.first != 0 || ends.last != 0 {
          violations.append("P1: list \(list) is empty and begins with slot \(ends.first)")
        }
        continue
      }
      guard place < ring.count, ring[place] == ends.first,
        let end = ring[place...].firstIndex(of: ends.last)
      else {
        return violations + ["P1: list \(list) is not behind the lists before it in the ring"]
      }
      for slot in ring[place...end] {
        let mark = marks[Int(slot)]
        let octave = octave(
          of: slot, byteCount: byteCount(ofGranules: table.records[Int(slot)].heapGranules))
        if list != EvictionLists.number(mark.queue, octave),
          list != EvictionLists.number(mark.queue, 0)
        {
          violations.append("P2: slot \(slot) of octave \(octave), \(mark.queue), is in \(list)")
        }
        if isWatching, list != 0 || mark.uses != 0 {
          violations.append("P2: slot \(slot) is not in the order of use")
        }
      }
      place = end + 1
    }
    if place != ring.count { violations.append("P1: slots of the ring are in no list") }
    return violations
  }

  /// P3 and P4: the sums of queues and samples.
  private func checkTotals(_ ring: [Slot], _ table: borrowing SlotTable) -> [String] {
    var violations: [String] = []
    var (smallCount, smallBytes, mainCount, mainBytes, sampled) = (0, 0, 0, 0, 0)
    let sampleBits = duel?.sampleBits ?? samples.bits
    for slot in ring {
      let record = table.records[Int(slot)]
      let bytes = byteCount(ofGranules: record.heapGranules)
      if marks[Int(slot)].isMain {
        mainCount += 1
        mainBytes += bytes
      } else {
        smallCount += 1
        smallBytes += bytes
      }
      if record.hash.trailingZeroBitCount >= sampleBits { sampled += bytes }
    }
    if (small.count, small.byteCount) != (smallCount, smallBytes) {
      violations.append(
        "P3: the small queue has \(smallCount) entries of \(smallBytes) bytes, counted are "
          + "\(small.count) of \(small.byteCount)")
    }
    if (main.count, main.byteCount) != (mainCount, mainBytes) {
      violations.append(
        "P3: the main queue has \(mainCount) entries of \(mainBytes) bytes, counted are "
          + "\(main.count) of \(main.byteCount)")
    }
    if samples.byteCount != sampled {
      violations.append("P4: the sample has \(sampled) bytes, counted are \(samples.byteCount)")
    }
    return violations
  }

  /// P5: shadows hold no more than their limits, and their structure is whole.
  private func checkMemory() -> [String] {
    let written = duel?.sampleMask ?? .max
    var violations: [String] = []
    let noted: UInt32 = isFull && rest.start == nil ? written : .max
    if writtenSampleMask != written || sampleMask != noted {
      violations.append("P5: the sample is not that of the shadows")
    }
    return violations + (duel?.checkInvariants() ?? [])
  }
}

extension EvictionDuel {
  fileprivate func checkInvariants() -> [String] {
    EvictionMode.allCases.flatMap { mode in
      shadow(of: mode).checkInvariants(sampleMask: sampleMask).map { "P5: \(mode): \($0)" }
    }
  }
}
