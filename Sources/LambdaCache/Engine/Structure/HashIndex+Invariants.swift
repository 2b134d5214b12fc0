/// Recomputes the invariants I1 to I5 of DESIGN.md, and the index's part of M1.
extension HashIndex {
  /// Recomputes I1 to I5 and the byte count from the cells alone.
  ///
  /// - Parameters:
  ///   - slots: The slots that must be in the index, each once.
  ///   - records: Where their hashes are read.
  /// - Returns: The violations, each beginning with the invariant's number.
  /// - Complexity: O(*n*) in the number of cells.
  package func checkInvariants(
    slots: [Slot], records: UnsafeMutablePointer<SlotRecord>
  ) -> [String] {
    guard byteCount > 0 else {
      return count == 0 && slots.isEmpty && oldCells == nil && shape.homeCount == 0
        ? [] : ["I1: there is no table for \(slots.count) slots, and count is \(count)"]
    }
    var violations: [String] = []
    var cellsOfSlot: [Slot: Int] = [:]
    for slot in slots { cellsOfSlot[slot] = 0 }
    var tables = [
      AuditedCells(
        name: "newer", cells: cells, shape: shape, hasSaturatedDistance: hasSaturatedDistance)
    ]
    if let oldCells {
      tables.append(
        AuditedCells(
          name: "older", cells: oldCells, shape: oldShape,
          hasSaturatedDistance: hasSaturatedOldDistance))
      violations += checkCursor(of: oldCells)
    }
    var used = 0
    for table in tables {
      violations += table.check(records: records, cellsOfSlot: &cellsOfSlot, used: &used)
    }
    for (slot, cells) in cellsOfSlot.sorted(by: { $0.key < $1.key }) where cells != 1 {
      violations.append("I1: slot \(slot) has \(cells) cells")
    }
    if used != count { violations.append("I1: \(used) cells are in use, count is \(count)") }
    if count > shape.homeCount / 8 * 7 {
      violations.append("I3: \(count) entries for \(shape.homeCount) homes are more than 7/8")
    }
    let bytes = tables.reduce(0) { $0 + CellMemory.byteCount(forCells: $1.shape.cellCount) }
    if bytes != byteCount {
      violations.append("M1: the tables take \(bytes) bytes, the index says \(byteCount)")
    }
    return violations
  }

  private func checkCursor(of oldCells: UnsafeMutablePointer<UInt32>) -> [String] {
    let oldCount = oldShape.cellCount
    guard (1...oldCount).contains(moveRemaining), moveCursor < oldCount else {
      return ["I4: \(moveRemaining) of \(oldCount) cells remain behind \(moveCursor)"]
    }
    var violations: [String] = []
    for distance in 0..<(oldCount - moveRemaining) {
      let position = (Int(moveCursor) - 1 - distance + oldCount) % oldCount
      if oldCells[position] != 0 {
        violations.append("I4: old cell \(position), before cursor \(moveCursor), is not empty")
      }
    }
    return violations
  }
}

/// One of the two tables of an index.
private struct AuditedCells {
  let name: String
  let cells: UnsafeMutablePointer<UInt32>
  let shape: CellShape
  let hasSaturatedDistance: Bool

  func check(
    records: UnsafeMutablePointer<SlotRecord>, cellsOfSlot: inout [Slot: Int], used: inout Int
  ) -> [String] {
    let homes = shape.homeCount
    guard homes == CellShape.homeCount(atLeast: homes), homes - 1 <= Int(shape.mask) else {
      return ["I3: the \(name) table has \(homes) homes and the mask \(shape.mask)"]
    }
    let mask = shape.mask
    let positions = 0...UInt32(shape.cellCount - 1)
    guard positions.contains(where: { cells[Int($0)] == 0 }) else {
      return ["I3: the \(name) table has no empty cell"]
    }
    var violations: [String] = []
    for position in positions where cells[Int(position)] != 0 {
      used += 1
      let slot = cells[Int(position)] & mask
      guard cellsOfSlot[slot] != nil else {
        violations.append("I1: cell \(position) of the \(name) table names unused slot \(slot)")
        continue
      }
      cellsOfSlot[slot]? += 1
      if cells[Int(position)] & ~mask != records[Int(slot)].hash & ~mask {
        violations.append(
          "I2: cell \(position) of the \(name) table has not slot \(slot)'s fingerprint")
      }
    }
    return violations.isEmpty ? checkDistances(of: positions, records: records) : violations
  }

  private func checkDistances(
    of positions: ClosedRange<UInt32>, records: UnsafeMutablePointer<SlotRecord>
  ) -> [String] {
    var violations: [String] = []
    for position in positions where cells[Int(position)] != 0 {
      let distance = distance(at: position, records: records)
      let before = position == 0 ? UInt32(shape.cellCount - 1) : position - 1
      let most = cells[Int(before)] == 0 ? 0 : self.distance(at: before, records: records) + 1
      if distance > most {
        violations.append(
          "I2: cell \(position) of the \(name) table lies \(distance) from home, not \(most)")
      }
      if distance >= 63, !hasSaturatedDistance {
        violations.append("I5: cell \(position) lies \(distance) from home in an unsaturated table")
      }
    }
    return violations
  }

  /// The distance of a cell from home, which is the place given by the hash's top six bits in the
  /// block given by its low bits.
  private func distance(at position: UInt32, records: UnsafeMutablePointer<SlotRecord>) -> UInt32 {
    let hash = records[Int(cells[Int(position)] & shape.mask)].hash
    let low = Int(hash & shape.mask)
    let block = low * shape.homeCount / (Int(shape.mask) + 1) / 64
    let home = block * 64 + Int(hash >> 26) % min(shape.homeCount, 64)
    return UInt32((Int(position) - home + shape.cellCount) % shape.cellCount)
  }
}
