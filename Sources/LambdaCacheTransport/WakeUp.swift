#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Ends the wait of a thread in `poll`, as often as it is wanted: a signal that can be cleared.
package final class WakeUp: Sendable {
  private let signal: StopSignal

  package init() throws(SystemError) { signal = try StopSignal() }

  /// The end of a pipe to wait for.
  package var descriptor: Int32 { signal.descriptor }

  /// Ends the present wait, or the next one.
  ///
  /// A full pipe ends it as well.
  package func fire() { signal.fire() }

  /// Takes note of all calls of ``fire()``, so that the next wait is not ended by them.
  package func clear() {
    var bytes: UInt64 = 0
    while read(descriptor, &bytes, MemoryLayout.size(ofValue: bytes)) > 0 {}
  }
}
