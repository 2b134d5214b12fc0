/// Recounting every byte, and checking the invariants.
extension Cache {
  /// Recounts every byte, measuring each entry again; also those beside the entries, of tags, of
  /// failed loads and of the miss log.
  ///
  /// Keys and values are gathered under the lock and measured after it. Entries whose size was
  /// passed to ``setValue(_:forKey:timeToLive:heapByteCount:)`` are measured as well, so the audit
  /// shows what passed sizes are off by.
  ///
  /// - Returns: The bytes that the cache has kept count of, and those of the recount of the same
  ///   entries.
  /// - Complexity: O(*n*) in the number of entries.
  public func auditByteCount() -> (ledgerByteCount: Int, recomputedByteCount: Int) {
    let audit = byteAudit
    return (audit.ledgerByteCount, audit.recomputedByteCount)
  }

  /// ``auditByteCount()``, as a value that says by how much both differ.
  package var byteAudit: ByteAudit {
    let (ledger, structure, entries) = readState {
      (
        $0.core.byteCount + $0.chargedAuxiliaryBytes,
        $0.core.structureByteCount + $0.loadingByteCount + $0.core.recomputedAuxiliaryByteCount,
        $0.core.ringEntries
      )
    }
    return ByteAudit(
      ledgerByteCount: ledger,
      recomputedByteCount: structure + CacheCore.heapByteCount(of: entries, measure: measure))
  }

  /// The keys and values, most recently used first, those included that have expired.
  package var ringEntries: [(key: Key, value: Value)] { readState { $0.core.ringEntries } }

  /// Whether an adaptive policy notes no look-ups for a while, for tests.
  package var lookUpsRest: Bool { readState { $0.core.policy?.pointee.rest.start != nil } }

  /// Recomputes every invariant of DESIGN.md, under the lock.
  ///
  /// - Returns: The violations, each beginning with the invariant's number.
  package func checkInvariants() -> [String] {
    let violations = readState { $0.core.checkInvariants(hash: hasher.hash) }
    guard violations.isEmpty else { return violations }
    let audit = byteAudit
    return audit.drift == 0 ? [] : ["M3: the ledger drifted: \(audit)"]
  }
}
