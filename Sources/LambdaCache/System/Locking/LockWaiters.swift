import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The threads that sleep because they found a ``CacheLock`` taken for too long: a mutex and a
/// condition variable.
///
/// Most locks never need them, and so have none: they are made for the first thread that enters.
package struct LockWaiters: ~Copyable, @unchecked Sendable {
  private struct Contents {
    var mutex = pthread_mutex_t()
    var wakeUp = pthread_cond_t()
  }

  private let contents = Atomic<UnsafeMutablePointer<Contents>?>(nil)

  package init() {}

  deinit {
    guard let contents = contents.load(ordering: .acquiring) else { return }
    LockWaiters.destroy(contents)
  }

  private static func make() -> UnsafeMutablePointer<Contents> {
    let contents = UnsafeMutablePointer<Contents>.allocate(capacity: 1)
    contents.initialize(to: Contents())
    expectSuccess(pthread_mutex_init(&contents.pointee.mutex, nil))
    #if canImport(Darwin)
      expectSuccess(pthread_cond_init(&contents.pointee.wakeUp, nil))
    #else
      // A sleep must not become longer because the wall clock was set back.
      var attributes = pthread_condattr_t()
      expectSuccess(pthread_condattr_init(&attributes))
      expectSuccess(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC))
      expectSuccess(pthread_cond_init(&contents.pointee.wakeUp, &attributes))
      expectSuccess(pthread_condattr_destroy(&attributes))
    #endif
    return contents
  }

  private static func destroy(_ contents: UnsafeMutablePointer<Contents>) {
    expectSuccess(pthread_cond_destroy(&contents.pointee.wakeUp))
    expectSuccess(pthread_mutex_destroy(&contents.pointee.mutex))
    contents.deinitialize(count: 1)
    contents.deallocate()
  }

  /// The mutex and the condition, made if no thread has entered before.
  private borrowing func opened() -> UnsafeMutablePointer<Contents> {
    if let contents = contents.load(ordering: .acquiring) { return contents }
    let made = LockWaiters.make()
    let (isFirst, first) = contents.compareExchange(
      expected: nil, desired: made, ordering: .acquiringAndReleasing)
    guard !isFirst, let first else { return made }
    LockWaiters.destroy(made)
    return first
  }

  /// The mutex and the condition that the first thread has made.
  private borrowing func present() -> UnsafeMutablePointer<Contents> {
    guard let contents = contents.load(ordering: .acquiring) else {
      preconditionFailure("no thread has entered among the waiters of a lock")
    }
    return contents
  }

  /// Enters, and holds the mutex from then on except while it sleeps.
  package borrowing func enter() {
    LockWaiters.expectSuccess(pthread_mutex_lock(&opened().pointee.mutex))
  }

  /// Leaves, and releases the mutex.
  package borrowing func leave() {
    LockWaiters.expectSuccess(pthread_mutex_unlock(&present().pointee.mutex))
  }

  /// Sleeps until some thread is woken, perhaps another one, for a limited time, or for no reason.
  ///
  /// - Parameter nanoseconds: The most nanoseconds to sleep.
  package borrowing func sleep(atMost nanoseconds: Int64) {
    let contents = present()
    #if canImport(Darwin)
      var span = timespec()
      span.tv_sec = .init(nanoseconds / 1_000_000_000)
      span.tv_nsec = .init(nanoseconds % 1_000_000_000)
      let status = pthread_cond_timedwait_relative_np(
        &contents.pointee.wakeUp, &contents.pointee.mutex, &span)
    #else
      let end = SystemClocks.monotonic + nanoseconds
      var time = timespec()
      time.tv_sec = .init(end / 1_000_000_000)
      time.tv_nsec = .init(end % 1_000_000_000)
      let status = pthread_cond_timedwait(
        &contents.pointee.wakeUp, &contents.pointee.mutex, &time)
    #endif
    LockWaiters.expectSuccess(status == ETIMEDOUT ? 0 : status)
  }

  /// Wakes one sleeper; waits until no thread is between its decision to sleep and its sleep.
  ///
  /// - Precondition: A thread has entered, and the caller has synchronized with it.
  package borrowing func wakeOne() {
    let contents = present()
    LockWaiters.expectSuccess(pthread_mutex_lock(&contents.pointee.mutex))
    LockWaiters.expectSuccess(pthread_cond_signal(&contents.pointee.wakeUp))
    LockWaiters.expectSuccess(pthread_mutex_unlock(&contents.pointee.mutex))
  }

  private static func expectSuccess(_ status: Int32) {
    precondition(status == 0, "a call to the thread library failed with status \(status)")
  }
}
