import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A lock of one word, taken by one compare-and-swap while nobody else wants it.
///
/// Who finds it taken looks again after half a microsecond, then after twice as long each time, up to
/// four microseconds. After 64 it sleeps on a condition variable until it is handed a wake-up: a thread
/// that was preempted while it held the lock is not spun against. That is what the slowest of a hundred
/// wake-ups takes (26 to 34 µs in the median): who waits about as long as sleeping costs never waits
/// much more than twice as long as need be (Karlin, Li, Manasse and Owicki, "Empirical studies of
/// competitive spinning", 1991).
///
/// In between, a waiting thread stays away from the word, whose cache line the owner needs: on two
/// cores that lets both get through twice as many operations as looking all the time. The word says whether anybody sleeps: an uncontended release is one
/// exchange and no call (Drepper, "Futexes Are Tricky", the second mutex, with the condition
/// variable in the place of the futex).
@usableFromInline
package struct CacheLock: ~Copyable, @unchecked Sendable {
  @usableFromInline let word = Atomic<UInt32>(CacheLock.free)
  private let sleepers: UnsafeMutablePointer<Sleepers>

  /// The states of the word.
  @inlinable static var free: UInt32 { 0 }
  @inlinable static var taken: UInt32 { 1 }
  @inlinable static var takenWithSleepers: UInt32 { 2 }

  /// How long a thread stays away from a taken lock at first, and at most, in nanoseconds.
  private static let waits: ClosedRange<Int64> = 500...4_000

  /// After how many nanoseconds a thread sleeps; with one processor, where the owner cannot run
  /// meanwhile, at once.
  private static let patience: Int64 = sysconf(Int32(_SC_NPROCESSORS_ONLN)) == 1 ? 0 : 64_000

  private struct Sleepers {
    var mutex = pthread_mutex_t()
    var wakeUp = pthread_cond_t()
  }

  package init() {
    sleepers = .allocate(capacity: 1)
    sleepers.initialize(to: Sleepers())
    CacheLock.expectSuccess(pthread_mutex_init(&sleepers.pointee.mutex, nil))
    CacheLock.expectSuccess(pthread_cond_init(&sleepers.pointee.wakeUp, nil))
  }

  deinit {
    CacheLock.expectSuccess(pthread_cond_destroy(&sleepers.pointee.wakeUp))
    CacheLock.expectSuccess(pthread_mutex_destroy(&sleepers.pointee.mutex))
    sleepers.deinitialize(count: 1)
    sleepers.deallocate()
  }

  @inlinable @inline(__always)
  package borrowing func lock() {
    let (exchanged, _) = word.compareExchange(
      expected: CacheLock.free, desired: CacheLock.taken, successOrdering: .acquiring,
      failureOrdering: .relaxed)
    if !exchanged { lockSlowly() }
  }

  @inlinable @inline(__always)
  package borrowing func unlock() {
    if word.exchange(CacheLock.free, ordering: .releasing) == CacheLock.takenWithSleepers {
      wakeOne()
    }
  }

  @usableFromInline
  @inline(never)
  borrowing func lockSlowly() {
    var wait = CacheLock.waits.lowerBound
    var waited: Int64 = 0
    while waited < CacheLock.patience {
      let end = SystemClocks.monotonic &+ wait
      while SystemClocks.monotonic < end {}
      waited += wait
      if word.load(ordering: .relaxed) == CacheLock.free {
        let (exchanged, _) = word.compareExchange(
          expected: CacheLock.free, desired: CacheLock.taken, successOrdering: .acquiring,
          failureOrdering: .relaxed)
        if exchanged { return }
      }
      wait = min(wait * 2, CacheLock.waits.upperBound)
    }
    // From here on the word tells every owner to wake somebody: this thread cannot know whether it
    // is the last.
    while word.exchange(CacheLock.takenWithSleepers, ordering: .acquiring) != CacheLock.free {
      CacheLock.expectSuccess(pthread_mutex_lock(&sleepers.pointee.mutex))
      // An owner that released after the exchange has set the word and will only then take the
      // mutex to wake.
      while word.load(ordering: .relaxed) == CacheLock.takenWithSleepers {
        CacheLock.expectSuccess(
          pthread_cond_wait(&sleepers.pointee.wakeUp, &sleepers.pointee.mutex))
      }
      CacheLock.expectSuccess(pthread_mutex_unlock(&sleepers.pointee.mutex))
    }
  }

  @usableFromInline
  @inline(never)
  borrowing func wakeOne() {
    CacheLock.expectSuccess(pthread_mutex_lock(&sleepers.pointee.mutex))
    CacheLock.expectSuccess(pthread_cond_signal(&sleepers.pointee.wakeUp))
    CacheLock.expectSuccess(pthread_mutex_unlock(&sleepers.pointee.mutex))
  }

  private static func expectSuccess(_ status: Int32) {
    precondition(status == 0, "a call to the thread library failed with status \(status)")
  }
}
