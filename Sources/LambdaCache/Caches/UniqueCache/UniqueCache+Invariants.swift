/// Counting every byte anew, and checking what must hold.
extension UniqueCache {
  /// Counts every byte anew, asking each entry for its size again.
  ///
  /// Entries whose size was passed to ``setValue(_:forKey:timeToLive:heapByteCount:)`` are measured
  /// as well, so the audit shows what passed sizes are off by.
  ///
  /// - Returns: What the cache has kept count of, and what was counted now.
  /// - Complexity: O(*n*) in the number of entries.
  public func auditByteCount() -> ByteAudit {
    ByteAudit(
      ledgerByteCount: core.byteCount,
      recomputedByteCount: core.structureByteCount
        + CacheCore.heapByteCount(of: core.ringEntries, measure: measure))
  }

  /// Recomputes every invariant of DESIGN.md.
  ///
  /// - Returns: The violations, each beginning with the invariant's number.
  package func checkInvariants() -> [String] {
    let violations = core.checkInvariants(hash: hasher.hash)
    guard violations.isEmpty else { return violations }
    let audit = auditByteCount()
    return audit.drift == 0 ? [] : ["M3: the ledger drifted: \(audit)"]
  }
}
