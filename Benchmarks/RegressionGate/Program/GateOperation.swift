/// An operation whose cost is watched.
enum GateOperation: String, CaseIterable {
  case hitInt = "hit-int"
  case hitString = "hit-string"
  case hitTimeToLive = "hit-time-to-live"
  case insertInt = "insert-int"
  case insertString = "insert-string"
  case lockedHitInt = "locked-hit-int"
  case lockedHitString = "locked-hit-string"
  case lockedInsertInt = "locked-insert-int"

  /// Does it on every cache, over and over.
  ///
  /// - Parameter passes: How often; each pass is ``GateCaches/operationsPerPass`` operations.
  func run(passes: Int) {
    let work = prepared()
    for _ in 0..<passes { work() }
  }

  /// Counts the allocations of one pass.
  ///
  /// - Returns: The allocations, and the operations they belong to.
  func allocations() -> (count: Int, operations: Int) {
    let work = prepared()
    work()
    return (GateCaches.allocations(of: work), GateCaches.operationsPerPass)
  }

  /// Makes the caches and returns one pass.
  private func prepared() -> () -> Void {
    switch self {
    case .hitInt:
      let caches = UniqueCaches(key: GateCaches.integer)
      return { caches.hitIntegers() }
    case .hitString:
      let caches = UniqueCaches(key: GateCaches.text)
      return { caches.hitTexts() }
    case .hitTimeToLive:
      let caches = UniqueCaches(key: GateCaches.integer, timeToLive: .seconds(3_600))
      return { caches.hitIntegers() }
    case .insertInt:
      let caches = UniqueCaches(key: GateCaches.integer)
      return { caches.insertIntegers() }
    case .insertString:
      let caches = UniqueCaches(key: GateCaches.text)
      return { caches.insertTexts() }
    case .lockedHitInt:
      let caches = SharedCaches(key: GateCaches.integer)
      return { caches.hitIntegers() }
    case .lockedHitString:
      let caches = SharedCaches(key: GateCaches.text)
      return { caches.hitTexts() }
    case .lockedInsertInt:
      let caches = SharedCaches(key: GateCaches.integer)
      return { caches.insertIntegers() }
    }
  }
}
