/// A number for each cause of removal.
@usableFromInline
package struct RemovalCounts: Sendable, Hashable {
  /// Removals by the program.
  @usableFromInline package var explicit = 0
  /// Values that gave way to another for the same key.
  @usableFromInline package var replaced = 0
  /// Entries whose time to live had passed.
  @usableFromInline package var expired = 0
  /// Entries evicted for a limit.
  @usableFromInline package var size = 0
  /// Entries evicted because memory ran short.
  @usableFromInline package var pressure = 0

  /// Creates counts of zero.
  @usableFromInline package init() {}

  /// The number for one cause.
  @inlinable package subscript(cause: RemovalCause) -> Int {
    get {
      switch cause {
      case .explicit: explicit
      case .replaced: replaced
      case .expired: expired
      case .size: size
      case .pressure: pressure
      }
    }
    set {
      switch cause {
      case .explicit: explicit = newValue
      case .replaced: replaced = newValue
      case .expired: expired = newValue
      case .size: size = newValue
      case .pressure: pressure = newValue
      }
    }
  }

  /// The sum over all causes.
  package var total: Int { RemovalCause.allCases.reduce(0) { $0 + self[$1] } }

  mutating func subtract(_ earlier: RemovalCounts) {
    for cause in RemovalCause.allCases { self[cause] -= earlier[cause] }
  }
}
