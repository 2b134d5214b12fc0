/// A cache, as the memory budget sees it.
package protocol BudgetMember: AnyObject, Sendable {
  /// Sets the largest number of bytes that the member may hold.
  ///
  /// When the call returns, the member holds no more than that and never will until the next
  /// call. The budget makes one call at a time, to one member at a time, and holds no lock while
  /// it does: a member may lock, destroy values and use the budget again from inside.
  ///
  /// - Parameter byteLimit: The new limit in bytes; zero turns the member off.
  func assign(byteLimit: Int)
}

/// A member's part of a memory budget.
///
/// The member owns its share, and the budget does not own the member: when the share is
/// destroyed, its bytes go to the other members. Release the memory of the member first, by
/// ``withdraw()`` after it or by the order of destruction.
@usableFromInline
package final class BudgetShare: Sendable {
  private let budget: MemoryBudget
  private let id: Int

  init(budget: MemoryBudget, id: Int) {
    self.budget = budget
    self.id = id
  }

  deinit {
    withdraw()
  }

  /// The bytes that are assigned to the member now; zero before it is attached.
  package var byteLimit: Int { budget.assignedByteCount(of: id) }

  /// Connects the member, which has a limit of zero until now, and assigns its limit.
  ///
  /// The limit is there when the call returns, unless another thread is dividing the budget at
  /// this moment: then that thread assigns it.
  ///
  /// - Parameter member: The member; not retained.
  package func attach(_ member: any BudgetMember) {
    budget.attach(member, to: id)
  }

  /// Replaces what the member asked for.
  package func update(_ request: BudgetRequest) {
    budget.update(request, of: id)
  }

  /// Gives the bytes back.
  ///
  /// The member must hold none of them any more. Doing it again has no effect.
  package func withdraw() {
    budget.withdraw(id)
  }
}
