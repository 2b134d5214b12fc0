/// The result of recounting every byte of a cache.
///
/// A cache adds and subtracts as entries come and go. The recount starts from nothing: it asks the
/// size of every entry again and adds up slots, index and deadlines. The two agree unless an
/// entry's size changed while it was in the cache, or was not the one that the cache measures.
package struct ByteAudit: Sendable, Hashable {
  /// The bytes that the cache has kept count of: its `byteCount`.
  package let ledgerByteCount: Int
  /// The bytes of the recount.
  package let recomputedByteCount: Int

  /// The bytes by which the ledger is above the recount; negative if it is below.
  package var drift: Int { ledgerByteCount - recomputedByteCount }

  /// Creates the result of an audit.
  ///
  /// - Parameters:
  ///   - ledgerByteCount: The bytes that the cache has kept count of.
  ///   - recomputedByteCount: The bytes of the recount.
  package init(ledgerByteCount: Int, recomputedByteCount: Int) {
    self.ledgerByteCount = ledgerByteCount
    self.recomputedByteCount = recomputedByteCount
  }
}

extension ByteLedger {
  /// The bytes that a heap size is charged with, without the limit for one entry.
  static func chargedByteCount(forByteCount byteCount: Int) -> Int {
    let (sum, overflow) = byteCount.addingReportingOverflow(granule - 1)
    return (overflow ? Int.max : sum) / granule * granule
  }
}
