#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Ends the wait of a thread in `poll`, as often as it is wanted.
package final class WakeUp: Sendable {
  /// The end of a pipe to wait for.
  package let descriptor: Int32
  private let trigger: Int32

  package init() throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw .last("pipe") }
    descriptor = ends[0]
    trigger = ends[1]
    for end in ends {
      try FileDescriptor.setCloseOnExec(end)
      try FileDescriptor.setNonBlocking(end)
    }
  }

  deinit {
    close(descriptor)
    close(trigger)
  }

  /// Ends the present wait, or the next one.
  ///
  /// A full pipe ends it as well.
  package func fire() {
    var byte: UInt8 = 1
    _ = write(trigger, &byte, 1)
  }

  /// Takes note of all calls of ``fire()``, so that the next wait is not ended by them.
  package func clear() {
    var bytes: UInt64 = 0
    while read(descriptor, &bytes, MemoryLayout.size(ofValue: bytes)) > 0 {}
  }
}
