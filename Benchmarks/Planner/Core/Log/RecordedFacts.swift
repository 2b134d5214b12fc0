/// Facts that the library's own log has beside its requests.
package struct RecordedFacts: Sendable, Equatable {
  /// Look-ups of which the log says whether they hit.
  package var lookUps = 0
  package var hits = 0
  /// Look-ups that were lost before they were written.
  package var dropped = 0
  /// Lines of the same stream that something else has written.
  package var foreignLines = 0
  /// Whether keys were hashed with a secret of each environment's own.
  package var hasOwnKeys = false
  /// The memory that environments had in use before their caches had entries.
  package var memoryInUse = MemoryInUse()
  /// The cache that the log is of.
  package var cacheName: String?

  package init() {}

  /// The hit ratio when the log was recorded; `nil` if it does not say.
  package var hitRatio: Double? { lookUps == 0 ? nil : Double(hits) / Double(lookUps) }
}
