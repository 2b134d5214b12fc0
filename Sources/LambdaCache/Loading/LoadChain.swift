/// The loads that the present task is inside of, innermost first.
///
/// A load that asks for a key that is loading in its own chain would wait for itself.
final class LoadChain: Sendable {
  @TaskLocal static var current: LoadChain?

  private let flight: ObjectIdentifier
  private let outer: LoadChain?

  init(inside outer: LoadChain?, flight: AnyObject) {
    self.outer = outer
    self.flight = ObjectIdentifier(flight)
  }

  /// Whether this chain passes through a load; the load is alive, so its identity is unique.
  func contains(_ flight: AnyObject) -> Bool {
    var link: LoadChain? = self
    while let present = link {
      if present.flight == ObjectIdentifier(flight) { return true }
      link = present.outer
    }
    return false
  }
}
