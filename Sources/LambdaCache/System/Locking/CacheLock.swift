import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A lock that is taken by one exchange while it is free, and released by a store.
///
/// A thread that finds it taken tries again after half a microsecond, then after twice as long each
/// time, up to four microseconds. After 64 it sleeps on a condition variable until it is woken: a
/// thread that was preempted while it held the lock is not spun against. The slowest of a hundred
/// wake-ups takes that long (26 to 34 µs in the median): a thread that spins for about as long as
/// sleeping costs never waits much more than twice as long as necessary (Karlin, Li, Manasse and
/// Owicki, "Empirical studies of competitive spinning", 1991).
///
/// In between, a waiting thread stays away from the word, whose cache line the owner needs: on two
/// cores that lets both get through twice as many operations as reading it all the time.
///
/// A release is a store and then a check for sleepers, and a processor may check before its store
/// is visible to others, so a wake-up could be lost. The sleeper prevents that with a
/// ``ProcessBarrier`` between announcing itself and its last attempt, so that a release needs none:
/// asymmetric synchronization (Dice, Huang and Yang, "Asymmetric Dekker Synchronization", 2001).
/// Where the system has no such barrier, a sleeper tries again each millisecond.
@usableFromInline
package struct CacheLock: ~Copyable, Sendable {
  @usableFromInline let isTaken = Atomic<Bool>(false)
  /// Whether a release is to wake a thread; perhaps none sleeps any more.
  @usableFromInline package let hasSleepers = Atomic<Bool>(false)
  private let waiters = LockWaiters()
  /// The thread that has the lock, if it has noted that.
  private let owner = Atomic<UInt>(0)

  /// The nanoseconds for which a thread stays away from a taken lock, at first and at most.
  private static let waits: ClosedRange<Int64> = 500...4_000

  /// The nanoseconds between two attempts of a sleeper that no release wakes for certain.
  private static let pollInterval: Int64 = 1_000_000

  /// The nanoseconds after which a sleeper tries by itself: C libraries have been known to lose a
  /// signal (glibc bug 25847).
  private static let longestSleep: Int64 = 1_000_000_000

  /// The nanoseconds after which a thread sleeps; with one processor, where the owner cannot run
  /// meanwhile, it sleeps at once.
  private static let spinLimit: Int64 = sysconf(Int32(_SC_NPROCESSORS_ONLN)) == 1 ? 0 : 64_000

  package init() {}

  @inlinable @inline(__always)
  package borrowing func lock() {
    if !tryLock() { lockSlowly() }
  }

  /// Takes the lock if no thread has it, and returns whether it did.
  ///
  /// What the thread reads next of ``ReaderPlaces`` is read after that.
  @inlinable @inline(__always)
  package borrowing func tryLock() -> Bool {
    !isTaken.exchange(true, ordering: .sequentiallyConsistent)
  }

  @inlinable @inline(__always)
  package borrowing func unlock() {
    isTaken.store(false, ordering: .releasing)
    // Behind the store in program order, which is all that the barrier requires: the optimizer
    // keeps atomic operations in their order.
    if hasSleepers.load(ordering: .acquiring) { wakeOne() }
  }

  /// Notes that this thread has the lock, and may take it again by mistake.
  @usableFromInline
  package borrowing func noteOwner() {
    owner.store(CacheLock.thisThread, ordering: .relaxed)
  }

  /// Notes that this thread is about to release the lock.
  @usableFromInline
  package borrowing func forgetOwner() {
    owner.store(0, ordering: .relaxed)
  }

  /// A number of the calling thread; never 0.
  @inlinable @inline(__always)
  static var thisThread: UInt {
    #if canImport(Glibc)
      UInt(pthread_self())
    #else
      UInt(bitPattern: pthread_self())
    #endif
  }

  @usableFromInline
  @inline(never)
  borrowing func lockSlowly() {
    // Other threads never write this thread's name.
    requireArgument(
      owner.load(ordering: .relaxed) != CacheLock.thisThread,
      "the == of a key called the cache that was comparing it")
    var wait = CacheLock.waits.lowerBound
    var waited: Int64 = 0
    while waited < CacheLock.spinLimit {
      let end = SystemClocks.monotonic &+ wait
      while SystemClocks.monotonic < end {}
      waited += wait
      if !isTaken.load(ordering: .relaxed), tryLock() { return }
      wait = min(wait * 2, CacheLock.waits.upperBound)
    }
    sleepUntilTaken()
  }

  private borrowing func sleepUntilTaken() {
    // Before the mutex is taken: the first time in a process it may take the kernel milliseconds.
    let hasBarrier = ProcessBarrier.isAvailable
    waiters.enter()
    while true {
      // A thread that reads the flag sees the waiters as well.
      hasSleepers.store(true, ordering: .releasing)
      if tryLock() { break }
      // From here on, an owner that does not read the flag has released the lock for the attempt
      // that follows.
      let isSureToBeWoken = hasBarrier && ProcessBarrier.run()
      if tryLock() { break }
      waiters.sleep(atMost: isSureToBeWoken ? CacheLock.longestSleep : CacheLock.pollInterval)
    }
    // Others may sleep still: the release that follows is to wake one of them.
    waiters.leave()
  }

  /// Wakes one sleeper, and clears the flag for the releases after that: a thread that wakes sets
  /// it again.
  ///
  /// One release alone does it, and waits for the mutex; others find the flag cleared.
  @usableFromInline
  @inline(never)
  borrowing func wakeOne() {
    guard hasSleepers.exchange(false, ordering: .acquiring) else { return }
    waiters.wakeOne()
  }
}
