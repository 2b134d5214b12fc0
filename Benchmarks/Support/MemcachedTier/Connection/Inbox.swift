import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The operations for the thread of a connection, with the pipe that wakes it.
final class Inbox: Sendable {
  struct Contents {
    var operations: [Operation] = []
    /// A connection that was made, or why there is none.
    var connected: Result<Int32, MemcachedError>?
    var isClosed = false
  }

  private struct State {
    var contents = Contents()
    var hasThread = false
    var epoch: UInt64 = 0
  }

  private let state = Mutex(State())
  private let wakeUp: (read: Int32, write: Int32)

  init() {
    var ends: [Int32] = [-1, -1]
    let code = pipe(&ends)
    precondition(code == 0, "The system has no pipe left")
    for end in ends { SystemSocket.prepare(end) }
    wakeUp = (ends[0], ends[1])
  }

  deinit {
    SystemSocket.close(wakeUp.read)
    SystemSocket.close(wakeUp.write)
  }

  /// A descriptor that is readable when there is something.
  var descriptor: Int32 { wakeUp.read }

  /// The number of the present connection, or of the last one.
  var epoch: UInt64 { state.withLock { $0.epoch } }

  /// Notes a connection, which has another number than all before.
  func beginEpoch() {
    state.withLock { $0.epoch = ($0.epoch + 1) & LeaseToken.epochMask }
  }

  /// Adds an operation; the first one starts the thread.
  func add(_ operation: Operation, startThread: () -> Void) {
    let isFirst = state.withLock { state in
      state.contents.operations.append(operation)
      defer { state.hasThread = true }
      return !state.hasThread
    }
    if isFirst { startThread() }
    wake()
  }

  func add(connected: Result<Int32, MemcachedError>) {
    state.withLock { $0.contents.connected = connected }
    wake()
  }

  func close() {
    state.withLock { $0.contents.isClosed = true }
    wake()
  }

  /// Takes all that there is.
  func take() -> Contents {
    var rest = [UInt8](repeating: 0, count: 256)
    while read(wakeUp.read, &rest, rest.count) > 0 {}
    return state.withLock { state in
      defer {
        state.contents.operations = []
        state.contents.connected = nil
      }
      return state.contents
    }
  }

  private func wake() {
    var byte: UInt8 = 0
    // A full pipe wakes as well.
    _ = write(wakeUp.write, &byte, 1)
  }
}
