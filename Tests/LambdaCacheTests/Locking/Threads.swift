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
final class Latch: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let opened: UnsafeMutablePointer<pthread_cond_t>
  /// Guarded by the mutex.
  private var count: Int

  init(count: Int = 1) {
    self.count = count
    mutex = .allocate(capacity: 1)
    opened = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    opened.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(opened, nil)
  }

  deinit {
    pthread_cond_destroy(opened)
    pthread_mutex_destroy(mutex)
    opened.deallocate()
    mutex.deallocate()
  }

  func countDown() {
    pthread_mutex_lock(mutex)
    count -= 1
    if count == 0 { pthread_cond_broadcast(opened) }
    pthread_mutex_unlock(mutex)
  }

  /// Waits until the latch is open.
  ///
  /// - Returns: Whether it opened in time.
  func wait(upTo limit: Duration = patience) -> Bool {
    var deadline = timespec()
    clock_gettime(CLOCK_REALTIME, &deadline)
    deadline.tv_sec += Int(limit.components.seconds)
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while count > 0 {
      if pthread_cond_timedwait(opened, mutex, &deadline) == ETIMEDOUT { return count <= 0 }
    }
    return true
  }
}
