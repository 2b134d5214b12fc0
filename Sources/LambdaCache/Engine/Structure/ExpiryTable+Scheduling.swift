/// Putting slots into the queue or the wheel, taking them out, and finding what is due.
extension ExpiryTable {
  /// Gives a slot that is in no list a deadline.
  ///
  /// - Parameters:
  ///   - slot: The slot; its entry has just been placed.
  ///   - deadline: When it expires; 0 for never.
  ///   - now: The present tick.
  ///   - mayUseWheel: Whether there is room for the wheel. A cache too small for it keeps every
  ///     deadline in the queue.
  /// - Complexity: O(1); without the wheel, O(*n*) for a deadline out of order.
  @usableFromInline
  package mutating func schedule(
    _ slot: Slot, deadline: Tick, now: Tick, mayUseWheel: Bool = true
  ) {
    deadlines[slot] = deadline
    guard deadline != 0 else { return }
    nextDue = min(nextDue, deadline)
    var earlier = queueLast
    if mayUseWheel, earlier != 0, deadline < self.deadline(of: earlier) {
      wheel.activate(now: now)
      wheelByteCount = wheel.byteCount
      wheel.place(slot, deadline: deadline, links: links)
      return
    }
    while earlier != 0, deadline < self.deadline(of: earlier) {
      let link = links[Int(earlier)].previous
      earlier = link & ExpiryLink.firstMark == 0 ? link : 0
    }
    insertIntoQueue(slot, after: earlier)
  }

  /// Takes a slot's deadline away.
  ///
  /// - Complexity: O(1).
  @usableFromInline
  package mutating func cancel(_ slot: Slot) {
    guard deadline(of: slot) != 0 else { return }
    deadlines[slot] = 0
    let link = links[Int(slot)]
    if link.next != 0 { links[Int(link.next)].previous = link.previous }
    if link.previous & ExpiryLink.firstMark == 0 {
      links[Int(link.previous)].next = link.next
    } else if link.previous == ExpiryLink.firstMark {
      queueFirst = link.next
    } else {
      wheel.setFirst(link.next, ofList: link.previous & ~ExpiryLink.firstMark)
    }
    if queueLast == slot { queueLast = queueFirst == 0 ? 0 : link.previous }
  }

  /// Follows an entry that has moved from one slot to another.
  ///
  /// - Complexity: O(1).
  @usableFromInline
  package mutating func move(from source: Slot, to target: Slot) {
    let deadline = self.deadline(of: source)
    deadlines[target] = deadline
    guard deadline != 0 else { return }
    deadlines[source] = 0
    let link = links[Int(source)]
    links[Int(target)] = link
    if link.next != 0 { links[Int(link.next)].previous = target }
    if link.previous & ExpiryLink.firstMark == 0 {
      links[Int(link.previous)].next = target
    } else if link.previous == ExpiryLink.firstMark {
      queueFirst = target
    } else {
      wheel.setFirst(target, ofList: link.previous & ~ExpiryLink.firstMark)
    }
    if queueLast == source { queueLast = target }
  }

  /// A slot whose deadline has been reached.
  ///
  /// - Parameters:
  ///   - now: The present tick.
  ///   - moves: Slots that may move down in the wheel meanwhile; what was used is taken off.
  /// - Returns: 0 if nothing is due, or if the moves are used up before anything was found.
  ///   The slot stays scheduled until it is cancelled.
  @usableFromInline
  package mutating func firstExpired(now: Tick, moves: inout Int) -> Slot {
    guard now >= nextDue else { return 0 }
    if queueFirst != 0, deadline(of: queueFirst) <= now { return queueFirst }
    let due = wheel.firstExpired(now: now, table: links, deadlines: deadlines, moves: &moves)
    if due == 0, moves > 0 {
      let queueDue = queueFirst == 0 ? Tick.max : deadline(of: queueFirst)
      nextDue = min(queueDue, wheel.nextOccupied)
    }
    return due
  }

  /// Links a slot in behind another, or as the first if that is 0.
  private mutating func insertIntoQueue(_ slot: Slot, after earlier: Slot) {
    let later = earlier == 0 ? queueFirst : links[Int(earlier)].next
    links[Int(slot)] = ExpiryLink(
      previous: earlier == 0 ? ExpiryLink.firstMark : earlier, next: later)
    if earlier == 0 { queueFirst = slot } else { links[Int(earlier)].next = slot }
    if later == 0 { queueLast = slot } else { links[Int(later)].previous = slot }
  }
}
