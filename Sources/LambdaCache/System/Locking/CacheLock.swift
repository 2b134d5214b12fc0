import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A lock that is taken by one exchange while nobody else wants it, and released by a store.
///
/// Who finds it taken looks again after half a microsecond, then after twice as long each time, up
/// to four microseconds. After 64 it sleeps on a condition variable until it is handed a wake-up: a
/// thread that was preempted while it held the lock is not spun against. That is what the slowest
/// of a hundred wake-ups takes (26 to 34 µs in the median): who waits about as long as sleeping
/// costs never waits much more than twice as long as need be (Karlin, Li, Manasse and Owicki,
/// "Empirical studies of competitive spinning", 1991).
///
/// In between, a waiting thread stays away from the word, whose cache line the owner needs: on two
/// cores that lets both get through twice as many operations as looking all the time.
///
/// A release is a store and then a look whether anybody sleeps, and a processor may look before
/// others see what it has stored: an owner could miss who has just found the lock taken. Whoever
/// goes to sleep sees to it that this cannot be, with a ``ProcessBarrier`` between saying so and
/// the last try, so that a release needs none: asymmetric synchronization (Dice, Huang and Yang,
/// "Asymmetric Dekker Synchronization", 2001). Where the system has no such barrier, one who sleeps
/// tries again each millisecond.
@usableFromInline
package struct CacheLock: ~Copyable, Sendable {
  @usableFromInline let isTaken = Atomic<Bool>(false)
  /// Whether a release is to wake somebody; perhaps nobody sleeps any more.
  @usableFromInline package let hasSleepers = Atomic<Bool>(false)
  private let room = LockWaiters()
  /// The thread that has the lock, if it has said so.
  private let owner = Atomic<UInt>(0)

  /// How long a thread stays away from a taken lock at first, and at most, in nanoseconds.
  private static let waits: ClosedRange<Int64> = 500...4_000

  /// How long a thread sleeps that nobody may wake, in nanoseconds.
  private static let nap: Int64 = 1_000_000

  /// How long a thread sleeps until it looks by itself, in nanoseconds: C libraries have been known
  /// to lose a signal (glibc bug 25847).
  private static let longestSleep: Int64 = 1_000_000_000

  /// After how many nanoseconds a thread sleeps; with one processor, where the owner cannot run
  /// meanwhile, at once.
  private static let patience: Int64 = sysconf(Int32(_SC_NPROCESSORS_ONLN)) == 1 ? 0 : 64_000

  package init() {}

  @inlinable @inline(__always)
  package borrowing func lock() {
    if isTaken.exchange(true, ordering: .acquiring) { lockSlowly() }
  }

  @inlinable @inline(__always)
  package borrowing func unlock() {
    isTaken.store(false, ordering: .releasing)
    // Behind the store in the program, which is all that the barrier asks for: the optimizer keeps
    // atomic operations in their order.
    if hasSleepers.load(ordering: .acquiring) { wakeOne() }
  }

  /// Says that this thread has the lock, and may come back for it by mistake.
  @usableFromInline
  package borrowing func noteOwner() {
    owner.store(CacheLock.thisThread, ordering: .relaxed)
  }

  /// Says that this thread is about to release the lock.
  @usableFromInline
  package borrowing func forgetOwner() {
    owner.store(0, ordering: .relaxed)
  }

  /// Never 0.
  private static var thisThread: UInt {
    #if canImport(Glibc)
      UInt(pthread_self())
    #else
      UInt(bitPattern: pthread_self())
    #endif
  }

  @usableFromInline
  @inline(never)
  borrowing func lockSlowly() {
    // What others write is never this thread's name.
    requireArgument(
      owner.load(ordering: .relaxed) != CacheLock.thisThread,
      "the == of a key called the cache that was comparing it")
    var wait = CacheLock.waits.lowerBound
    var waited: Int64 = 0
    while waited < CacheLock.patience {
      let end = SystemClocks.monotonic &+ wait
      while SystemClocks.monotonic < end {}
      waited += wait
      if !isTaken.load(ordering: .relaxed), !isTaken.exchange(true, ordering: .acquiring) { return }
      wait = min(wait * 2, CacheLock.waits.upperBound)
    }
    sleepUntilTaken()
  }

  private borrowing func sleepUntilTaken() {
    // Before the mutex is taken: the first time in a process it may take the kernel milliseconds.
    let hasBarrier = ProcessBarrier.isAvailable
    room.enter()
    while true {
      // Who sees it sees the room as well.
      hasSleepers.store(true, ordering: .releasing)
      if !isTaken.exchange(true, ordering: .acquiring) { break }
      // From here on, an owner that does not see it has released the lock for the try that follows.
      let isSureToBeWoken = hasBarrier && ProcessBarrier.run()
      if !isTaken.exchange(true, ordering: .acquiring) { break }
      room.sleep(atMost: isSureToBeWoken ? CacheLock.longestSleep : CacheLock.nap)
    }
    // Others may sleep still: the release that follows is to wake one of them.
    room.leave()
  }

  /// Wakes one who sleeps, and tells no release after that to do so: who wakes will say it again.
  ///
  /// One release alone does it, and waits for the mutex: others find that it is being done.
  @usableFromInline
  @inline(never)
  borrowing func wakeOne() {
    guard hasSleepers.exchange(false, ordering: .acquiring) else { return }
    room.wakeOne()
  }
}
