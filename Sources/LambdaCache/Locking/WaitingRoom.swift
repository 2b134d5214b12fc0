#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where threads sleep that found a ``CacheLock`` taken for too long: a mutex and a condition variable.
package struct WaitingRoom: ~Copyable, @unchecked Sendable {
  private struct Contents {
    var mutex = pthread_mutex_t()
    var wakeUp = pthread_cond_t()
  }

  private let contents: UnsafeMutablePointer<Contents>

  package init() {
    contents = .allocate(capacity: 1)
    contents.initialize(to: Contents())
    WaitingRoom.expectSuccess(pthread_mutex_init(&contents.pointee.mutex, nil))
    #if canImport(Darwin)
      WaitingRoom.expectSuccess(pthread_cond_init(&contents.pointee.wakeUp, nil))
    #else
      // A sleep is not to last for as long as somebody has set back the clock on the wall.
      var attributes = pthread_condattr_t()
      WaitingRoom.expectSuccess(pthread_condattr_init(&attributes))
      WaitingRoom.expectSuccess(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC))
      WaitingRoom.expectSuccess(pthread_cond_init(&contents.pointee.wakeUp, &attributes))
      WaitingRoom.expectSuccess(pthread_condattr_destroy(&attributes))
    #endif
  }

  deinit {
    WaitingRoom.expectSuccess(pthread_cond_destroy(&contents.pointee.wakeUp))
    WaitingRoom.expectSuccess(pthread_mutex_destroy(&contents.pointee.mutex))
    contents.deinitialize(count: 1)
    contents.deallocate()
  }

  /// Enters, and has the mutex from then on but for when it sleeps.
  package borrowing func enter() {
    WaitingRoom.expectSuccess(pthread_mutex_lock(&contents.pointee.mutex))
  }

  /// Leaves, and gives the mutex back.
  package borrowing func leave() {
    WaitingRoom.expectSuccess(pthread_mutex_unlock(&contents.pointee.mutex))
  }

  /// Sleeps until somebody is woken, perhaps not this thread, for a time at most, or for no reason.
  ///
  /// - Parameter nanoseconds: The time.
  package borrowing func sleep(atMost nanoseconds: Int64) {
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
    WaitingRoom.expectSuccess(status == ETIMEDOUT ? 0 : status)
  }

  /// Wakes one who sleeps; waits until nobody is between its decision to sleep and its sleep.
  package borrowing func wakeOne() {
    WaitingRoom.expectSuccess(pthread_mutex_lock(&contents.pointee.mutex))
    WaitingRoom.expectSuccess(pthread_cond_signal(&contents.pointee.wakeUp))
    WaitingRoom.expectSuccess(pthread_mutex_unlock(&contents.pointee.mutex))
  }

  private static func expectSuccess(_ status: Int32) {
    precondition(status == 0, "a call to the thread library failed with status \(status)")
  }
}
