/// The limits of a cache.
@usableFromInline
package struct CacheLimits: Sendable {
  @usableFromInline var byteLimit: Int
  /// `Int.max` for no limit.
  @usableFromInline var entryLimit: Int
  /// The most bytes one entry's key and value may own on the heap, `Int.max` for no limit but the
  /// cache's.
  @usableFromInline var entryByteLimit: Int

  @usableFromInline
  package init(byteLimit: Int, entryLimit: Int?, entryByteLimit: Int?) {
    self.byteLimit = byteLimit
    self.entryLimit = entryLimit ?? .max
    self.entryByteLimit = entryByteLimit ?? .max
    validate()
  }

  /// Traps if a limit is negative: that is the caller's mistake, not an outcome.
  package func validate() {
    requireArgument(byteLimit >= 0, "the byte limit of a cache is negative: \(byteLimit)")
    requireArgument(entryLimit >= 0, "the entry limit of a cache is negative: \(entryLimit)")
    requireArgument(
      entryByteLimit >= 0,
      "the size limit of a cache's entries is negative: \(entryByteLimit) bytes")
  }
}
