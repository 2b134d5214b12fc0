import Synchronization
import TestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Threads of the system, for tests of what blocks.
///
/// A thread that hangs is left behind, so that the test fails instead of hanging with it.
enum Threads {
  /// Runs a closure on several threads at once.
  ///
  /// - Parameters:
  ///   - count: The number of threads.
  ///   - limit: How long to wait for them.
  ///   - body: Called once on each thread with its number, from 0.
  /// - Returns: Whether all of them ended in time.
  static func run(
    _ count: Int, limit: Duration = patience, _ body: @escaping @Sendable (Int) -> Void
  ) -> Bool {
    start(count, body).wait(upTo: limit)
  }

  /// Starts threads.
  ///
  /// - Returns: A latch that opens when all of them have ended.
  static func start(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Latch {
    let latch = Latch(count: count)
    for number in 0..<count {
      start(
        Job {
          body(number)
          latch.countDown()
        })
    }
    return latch
  }

  private static func start(_ job: Job) {
    #if canImport(Glibc)
      var thread = pthread_t()
    #else
      var thread: pthread_t?
    #endif
    let argument = Unmanaged.passRetained(job).toOpaque()
    #if canImport(Darwin)
      let status = pthread_create(&thread, nil, { runJob($0) }, argument)
    #else
      let status = pthread_create(&thread, nil, { $0.flatMap(runJob) }, argument)
    #endif
    precondition(status == 0, "the system refused a thread with status \(status)")
    #if canImport(Glibc)
      pthread_detach(thread)
    #else
      if let thread { pthread_detach(thread) }
    #endif
  }
}

private final class Job: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) {
    self.body = body
  }
}

private func runJob(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
  Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body()
  return nil
}

/// Opens when it has been counted down to zero.
final class Latch: Sendable {
  private let count: Atomic<Int>

  init(count: Int = 1) {
    self.count = Atomic(count)
  }

  func countDown() { count.subtract(1, ordering: .releasing) }

  /// Waits until the latch is open, and looks every tenth of a millisecond.
  ///
  /// - Returns: Whether it opened in time.
  func wait(upTo limit: Duration = patience) -> Bool {
    let end = ContinuousClock.now + limit
    while count.load(ordering: .acquiring) > 0 {
      guard ContinuousClock.now < end else { return false }
      usleep(100)
    }
    return true
  }
}
