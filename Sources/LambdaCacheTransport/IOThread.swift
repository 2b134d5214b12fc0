import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A thread for calls that block, as the executor of an actor.
///
/// Waiting for an event blocks a thread for as long as Lambda keeps the environment frozen.
/// On a thread of the cooperative pool, of which a small function has one or two, that would hold
/// up every other task: a refresh that runs after the response, or a connection pool's keep-alive.
/// This thread has no other use, so that the whole pool stays with the handler.
///
/// The thread ends when this object is gone and all jobs have run.
package final class IOThread: Sendable {
  package let executor: IOThreadExecutor

  /// Starts the thread.
  ///
  /// - Throws: `SystemError` when the system refuses another thread.
  package init() throws(SystemError) {
    executor = IOThreadExecutor()
    try DetachedThread.start { [executor] in executor.run() }
  }

  deinit {
    executor.close()
  }
}

/// The queue between an actor and its thread.
///
/// `Synchronization` has neither a condition variable nor a lock that a thread may only try to
/// take. `jobs` and `isClosed` are only touched with the mutex held, the state of the actors only
/// with the turn, and only a thread itself writes its own name into `borrower`, which makes the
/// type safe to share.
package final class IOThreadExecutor: SerialExecutor, @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var jobs: [UnownedJob] = []
  private var isClosed = false
  /// Held by the thread that runs jobs, or a closure in the place of one.
  private let turn: UnsafeMutablePointer<pthread_mutex_t>
  /// The thread that has borrowed the turn, or 0.
  private let borrower = Atomic<UInt>(0)

  package init() {
    turn = .allocate(capacity: 1)
    turn.initialize(to: pthread_mutex_t())
    pthread_mutex_init(turn, nil)
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    condition.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    pthread_mutex_destroy(turn)
    condition.deallocate()
    mutex.deallocate()
    turn.deallocate()
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    pthread_mutex_lock(mutex)
    precondition(!isClosed, "a job came after the thread's owner was gone")
    jobs.append(job)
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Lets the thread end once the queue is empty.
  func close() {
    pthread_mutex_lock(mutex)
    isClosed = true
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Runs jobs until the executor is closed.
  fileprivate func run() {
    while let batch = takeJobs() {
      for job in batch {
        pthread_mutex_lock(turn)
        job.runSynchronously(on: asUnownedSerialExecutor())
        pthread_mutex_unlock(turn)
      }
    }
  }

  /// Runs a closure on the calling thread as if it were this one, if no job is running.
  ///
  /// The closure may assume the isolation of the actors whose executor this is. It should not
  /// block: jobs wait for it.
  ///
  /// - Returns: The result of the closure; `nil` when a job is running.
  package func lend<Value>(_ body: () -> Value) -> Value? {
    guard pthread_mutex_trylock(turn) == 0 else { return nil }
    borrower.store(Self.currentThread, ordering: .relaxed)
    defer {
      borrower.store(0, ordering: .relaxed)
      pthread_mutex_unlock(turn)
    }
    return body()
  }

  /// Lets a borrower pass for the thread (Swift Evolution, SE-0424).
  package func checkIsolated() {
    precondition(
      borrower.load(ordering: .relaxed) == Self.currentThread, "not on the actor's thread")
  }

  private static var currentThread: UInt {
    #if canImport(Glibc)
      UInt(pthread_self())
    #else
      UInt(bitPattern: pthread_self())
    #endif
  }

  /// Waits for jobs and takes all there are, in order.
  ///
  /// - Returns: `nil` when there are none and none can come.
  private func takeJobs() -> [UnownedJob]? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while jobs.isEmpty, !isClosed { pthread_cond_wait(condition, mutex) }
    guard !jobs.isEmpty else { return nil }
    defer { jobs = [] }
    return jobs
  }
}
