/// A cache, as the memory budget sees it.
///
/// The budget holds no lock while it calls a member: a member may lock, destroy values, call
/// listeners and use the budget again from inside. Limits change by differences, never to a value,
/// so that calls from several threads add up whatever their order.
package protocol BudgetMember: AnyObject, Sendable {
  /// Raises the number of bytes that the member may hold.
  ///
  /// - Parameter byteCount: The bytes that the budget has booked for the member already.
  func grow(by byteCount: Int)

  /// Lowers the number of bytes that the member may hold.
  ///
  /// When the call returns, the member holds no more than that.
  ///
  /// - Parameters:
  ///   - byteCount: The bytes to give at the most.
  ///   - source: The bytes that may be given.
  /// - Returns: The bytes by which the limit was lowered; the caller books them off.
  func give(upTo byteCount: Int, from source: BudgetSource) -> Int

  /// The bytes and entries that the member holds, and its counters until now.
  var budgetSample: BudgetSample { get }
}

/// The bytes that a member may give.
package enum BudgetSource: Sendable, Hashable {
  /// Only unused ones.
  case unused

  /// Also those of its coldest entries, which leave for this reason.
  case coldest(RemovalCause)
}

/// The bytes and entries that a member holds, and its counters until an instant.
package struct BudgetSample: Sendable, Hashable {
  /// The bytes it holds.
  package var byteCount = 0
  /// The entries it holds.
  package var count = 0
  /// The values set since it was made.
  package var writes = 0
  /// The look-ups that found one.
  package var hits = 0
  /// The entries that left.
  package var removals = 0
  /// A mark that distinguishes the coldest entry from others; 0 if there is none.
  package var coldest: UInt64 = 0

  package init() {}
}

/// A member's part of a memory budget.
///
/// The member owns its share, and the budget does not own the member: when the share is destroyed,
/// its bytes are free for the other members. Release the memory of the member first, by
/// ``withdraw()`` after it or by the order of destruction.
@usableFromInline
package final class BudgetShare: Sendable {
  package let budget: MemoryBudget
  let id: Int

  init(budget: MemoryBudget, id: Int) {
    self.budget = budget
    self.id = id
  }

  deinit {
    withdraw()
  }

  /// The bytes that are booked for the member now; zero before it is attached.
  package var byteLimit: Int { budget.assignedByteCount(of: id) }

  /// Connects the member, whose limit is zero until now, and assigns the free bytes of its fair
  /// share.
  ///
  /// - Parameter member: The member; not retained.
  package func attach(_ member: any BudgetMember) {
    budget.attach(member, to: id)
  }

  /// Replaces the request of the member.
  package func update(_ request: BudgetRequest) {
    budget.change(id) { $0.request = request }
  }

  /// Sets the most that the member may ever have.
  package func update(maximumByteCount: Int) {
    budget.change(id) { member in
      member.request.minimumByteCount = min(member.request.minimumByteCount, maximumByteCount)
      member.request.maximumByteCount = maximumByteCount
    }
  }

  /// Books more bytes for the member, taken from the entries that are missed least.
  ///
  /// - Parameters:
  ///   - wanted: The bytes that would spare the member's own entries.
  ///   - required: Those of them without which it must refuse the value it is about to store.
  /// - Returns: The bytes booked, perhaps more or fewer than wanted, for the caller to add to the
  ///   member's limit.
  package func acquire(wanted: Int, required: Int) -> Int {
    budget.acquire(for: id, wanted: wanted, required: required)
  }

  /// Books bytes off that were acquired and not added to the member's limit.
  @usableFromInline
  package func giveBack(_ byteCount: Int) {
    budget.giveBack(byteCount, of: id)
  }

  /// Gives the bytes back.
  ///
  /// The member must hold none of them any more. Doing it again has no effect.
  package func withdraw() {
    budget.withdraw(id)
  }
}
