/// Recomputes the invariants E1 to E4 of DESIGN.md.
extension ExpiryTable {
  /// Recomputes E1 to E4 from links and deadlines.
  ///
  /// - Parameters:
  ///   - touchedCount: The slots whose memory may be resident, slot 0 included.
  ///   - isInUse: Whether a slot holds an entry.
  /// - Returns: The violations, each beginning with the invariant's number.
  /// - Complexity: O(*n*) in the number of slots.
  package func checkInvariants(touchedCount: Int, isInUse: (Slot) -> Bool) -> [String] {
    guard isActive else {
      return queueFirst == 0 && queueLast == 0 && wheel.byteCount == 0
        ? [] : ["E1: a table that is not active has lists"]
    }
    var audit = DeadlineAudit(slotCount: touchedCount)
    audit.follow(listFrom: queueFirst, number: 0, table: self)
    audit.check(queueLast: queueLast)
    for slot in 1..<Slot(max(1, touchedCount)) where deadline(of: slot) != 0 {
      let previous = links[Int(slot)].previous
      guard previous & ExpiryLink.firstMark != 0, previous != ExpiryLink.firstMark else { continue }
      audit.follow(listFrom: slot, number: previous & ~ExpiryLink.firstMark, table: self)
    }
    for slot in 1..<Slot(max(1, touchedCount)) {
      let deadline = self.deadline(of: slot)
      audit.checkMembership(of: slot, isScheduled: deadline != 0)
      guard deadline != 0 else { continue }
      if !isInUse(slot) {
        audit.violations.append("E1: slot \(slot) holds no entry, but has deadline \(deadline)")
      }
      if nextDue > deadline {
        audit.violations.append("E4: \(nextDue) is next, slot \(slot) is due at \(deadline)")
      }
    }
    audit.checkOccupied(of: wheel)
    return audit.violations
  }
}

/// The result of following all lists of an ``ExpiryTable`` so far.
private struct DeadlineAudit {
  var violations: [String] = []
  /// In how many lists a slot was found.
  private var places: [Int]
  private var queueEnd: Slot = 0
  /// For each level of the wheel a bit for every bucket that a list was found for.
  private var occupied = [UInt64](repeating: 0, count: TimingWheel.levelCount)

  init(slotCount: Int) {
    places = [Int](repeating: 0, count: max(1, slotCount))
  }

  /// Follows the queue, which is list 0, or the list of a bucket, whose number is one more than the
  /// bucket's.
  mutating func follow(listFrom first: Slot, number: Slot, table: borrowing ExpiryTable) {
    guard first != 0 else { return }
    if number > 0 { note(bucket: Int(number) - 1) }
    var previous = ExpiryLink.firstMark | number
    var previousDeadline: Tick = 0
    var slot = first
    while slot != 0 {
      guard slot < places.count else {
        violations.append("E1: list \(number) leaves the table at slot \(slot)")
        return
      }
      places[Int(slot)] += 1
      guard places[Int(slot)] == 1 else { return }
      if table.links[Int(slot)].previous != previous {
        violations.append(
          "E1: slot \(slot) of list \(number) has \(table.links[Int(slot)].previous) before it")
      }
      let deadline = table.deadline(of: slot)
      if number > 0 {
        check(slot, deadline: deadline, bucket: Int(number) - 1, time: table.wheel.time)
      } else {
        if deadline < previousDeadline {
          violations.append("E2: slot \(slot), due at \(deadline), is behind \(previousDeadline)")
        }
        queueEnd = slot
      }
      previous = slot
      previousDeadline = deadline
      slot = table.links[Int(slot)].next
    }
  }

  mutating func check(queueLast: Slot) {
    if queueLast != queueEnd {
      violations.append("E2: the queue ends with slot \(queueEnd), not with \(queueLast)")
    }
  }

  mutating func checkMembership(of slot: Slot, isScheduled: Bool) {
    let expected = isScheduled ? 1 : 0
    if places[Int(slot)] != expected {
      violations.append("E1: slot \(slot) is in \(places[Int(slot)]) lists, not \(expected)")
    }
  }

  /// The wheel's own idea of the next bucket against the lists that were found.
  mutating func checkOccupied(of wheel: borrowing TimingWheel) {
    guard wheel.byteCount > 0 || occupied.contains(where: { $0 != 0 }) else { return }
    var expected = Tick.max
    for (level, buckets) in occupied.enumerated() {
      let shift = UInt64(6 * level)
      let present = (wheel.time >> shift) & 63
      for digit in UInt64(0)..<64 where buckets >> digit & 1 == 1 {
        if digit < present {
          violations.append("E3: bucket \(digit) of level \(level) lies before \(wheel.time)")
        } else if digit > present {
          expected = min(expected, ((wheel.time >> shift) & ~63 | digit) << shift)
        }
      }
    }
    if wheel.nextOccupied != expected {
      violations.append("E3: the next bucket starts at \(expected), not at \(wheel.nextOccupied)")
    }
  }

  private mutating func note(bucket: Int) {
    let (level, digit) = bucket.quotientAndRemainder(dividingBy: 64)
    guard level < TimingWheel.levelCount else {
      violations.append("E3: there is no bucket \(bucket)")
      return
    }
    if occupied[level] >> UInt64(digit) & 1 == 1 {
      violations.append("E3: bucket \(bucket) has two lists")
    }
    occupied[level] |= 1 << UInt64(digit)
  }

  private mutating func check(_ slot: Slot, deadline: Tick, bucket: Int, time: Tick) {
    let target = max(deadline, time)
    var level = 0
    while target >> UInt64(6 * (level + 1)) != time >> UInt64(6 * (level + 1)) { level += 1 }
    if bucket == level * 64 + Int(target >> UInt64(6 * level)) & 63 { return }
    // The time has reached the slot's bucket, and the moves of that operation were used up.
    let actual = bucket / 64
    let shift = UInt64(6 * actual)
    let awaitsMove =
      actual > 0 && target >> shift == time >> shift && bucket % 64 == Int(time >> shift) & 63
    if !awaitsMove {
      violations.append(
        "E3: slot \(slot), due at \(deadline), is in bucket \(bucket) at the time \(time)")
    }
  }
}
