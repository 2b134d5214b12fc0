internal import LambdaCache
internal import Synchronization

/// Whether a connection is being made, for those that do not wait for it.
final class ConnectionStatus: Sendable {
  /// The end of the time for that, on the monotonic clock, in nanoseconds.
  private let end = Atomic<Int64>(.min)

  /// Whether a connection is being made, and the time for that is not over: looking up a name may
  /// take longer.
  var isConnecting: Bool { end.load(ordering: .relaxed) > SystemClocks.monotonic }

  func begin(within limit: Duration) {
    end.store(SystemClocks.monotonic + limit.nanoseconds, ordering: .relaxed)
  }

  func finish() { end.store(.min, ordering: .relaxed) }
}
