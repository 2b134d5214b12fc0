/// A part of a memory budget that is taken once: it never grows, and no bytes are taken from it.
///
/// It is for a cache with one owner, which no other thread can shrink.
@usableFromInline
package final class FixedShare: BudgetMember {
  private let share: BudgetShare
  private let granted = Locked(0)

  /// Takes a fair share of a budget, from others if it is not free.
  ///
  /// - Parameters:
  ///   - budget: The budget.
  ///   - name: The name that ``MemoryBudget/explain()`` shows.
  ///   - request: The request of the cache.
  package init(of budget: MemoryBudget, name: String, request: BudgetRequest) {
    share = budget.register(name: name, request: request)
    share.attach(self)
    let lacking = budget.fairShare(of: share.id) - byteLimit
    if lacking > 0 { grow(by: share.acquire(wanted: lacking, required: lacking)) }
    let byteLimit = byteLimit
    share.update(
      BudgetRequest(
        size: .bytes(byteLimit), minimumByteCount: byteLimit, maximumByteCount: byteLimit))
  }

  /// The bytes that are booked.
  package var byteLimit: Int { granted.withLock { $0 } }

  /// Whether the budget watches the process.
  var isGuarded: Bool { share.budget.monitor != nil }

  /// Bytes that are inserted before they are reported to the guard.
  var insertionPortion: Int { share.budget.insertionPortion }

  /// Reports bytes to the guard that were inserted, and are about to be.
  ///
  /// No entry of another cache leaves for that at once: its listener would run in the middle of an
  /// operation on this cache, perhaps under a lock of the owner's.
  func noteInserted(_ byteCount: Int) {
    share.budget.noteInserted(byteCount, mayShed: false)
  }

  package func grow(by byteCount: Int) {
    granted.withLock { $0 += byteCount }
  }

  package func give(upTo byteCount: Int, from source: BudgetSource) -> Int { 0 }

  /// All of it counts as held.
  package var budgetSample: BudgetSample {
    var sample = BudgetSample()
    sample.byteCount = byteLimit
    return sample
  }
}
