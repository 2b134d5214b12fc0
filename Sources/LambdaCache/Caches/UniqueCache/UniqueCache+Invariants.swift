/// Recounting every byte, and checking the invariants.
extension UniqueCache {
  /// Recounts every byte, measuring each entry again.
  ///
  /// Entries whose size was passed to ``setValue(_:forKey:timeToLive:heapByteCount:)`` are measured
  /// as well, so the audit shows what passed sizes are off by.
  ///
  /// - Returns: The bytes that the cache has kept count of, and those of the recount.
  /// - Complexity: O(*n*) in the number of entries.
  public func auditByteCount() -> (ledgerByteCount: Int, recomputedByteCount: Int) {
    let audit = byteAudit
    return (audit.ledgerByteCount, audit.recomputedByteCount)
  }

  /// ``auditByteCount()``, as a value that says by how much both differ.
  package var byteAudit: ByteAudit {
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
    let audit = byteAudit
    return audit.drift == 0 ? [] : ["M3: the ledger drifted: \(audit)"]
  }
}
