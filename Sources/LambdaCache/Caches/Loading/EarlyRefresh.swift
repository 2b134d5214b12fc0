#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How chance decides that a value is loaded again before it expires; see
/// ``LoadPolicy/earlyRefresh``.
package enum EarlyRefresh {
  /// Whether a value is due.
  ///
  /// - Parameters:
  ///   - freshTicks: How long it is still fresh.
  ///   - loadMilliseconds: How long loads have taken lately.
  ///   - eagerness: 0 for never, 1 as XFetch does.
  ///   - chance: A random number above 0 and up to 1.
  /// - Returns: `true` with a probability of e to the power of -`freshTicks` / (`loadMilliseconds`
  ///   · `eagerness`).
  package static func isDue(
    freshTicks: Tick, loadMilliseconds: Double, eagerness: Double, chance: Double
  ) -> Bool {
    loadMilliseconds * eagerness * -log(chance) >= Double(freshTicks)
  }
}
