import LambdaCache
import Synchronization
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A counter that only its lock keeps whole.
private final class Guarded: @unchecked Sendable {
  let lock = CacheLock()
  /// Guarded by the lock; the second is always the complement of the first.
  let words = UnsafeMutablePointer<Int>.allocate(capacity: 2)
  private let inside = Atomic<Int>(0)
  private let faults = Atomic<Int>(0)

  init() {
    words[0] = 0
    words[1] = ~0
  }

  deinit {
    words.deallocate()
  }

  var count: Int {
    lock.lock()
    defer { lock.unlock() }
    return words[0]
  }

  /// Whether the next release is to wake a thread: not when all waiters have released it.
  var isToWake: Bool { lock.hasSleepers.load(ordering: .acquiring) }

  /// How often two threads were inside, or one found what another had left half done.
  var faultCount: Int { faults.load(ordering: .relaxed) }

  /// Counts under the lock, and has the processor given away in the middle of it if asked for.
  func increment(yielding: Bool = false) {
    lock.lock()
    let others = inside.add(1, ordering: .relaxed).oldValue
    if others != 0 || words[1] != ~words[0] { faults.add(1, ordering: .relaxed) }
    words[0] += 1
    if yielding { sched_yield() }
    words[1] = ~words[0]
    inside.subtract(1, ordering: .relaxed)
    lock.unlock()
  }
}

/// Serialized, since each test wants all processors.
@Suite("A cache's lock", .serialized, .timeLimit(.minutes(15)))
struct CacheLockTests {
  @Test(
    "A cache's lock admits one thread at a time and loses no count", arguments: [1, 2, 3, 8, 16])
  func countsExactly(threads: Int) {
    let guarded = Guarded()
    let rounds = 40_000 / threads
    let ended = Threads.run(threads) { _ in
      for _ in 0..<rounds { guarded.increment() }
    }
    #expect(ended, "a thread never got the lock")
    #expect(!guarded.isToWake, "a release has woken nobody")
    #expect(guarded.count == threads * rounds)
    #expect(guarded.faultCount == 0)
  }

  @Test(
    "A cache's lock lets all threads through when each owner gives the processor away",
    arguments: [2, 8, 16])
  func survivesPreemption(threads: Int) {
    let guarded = Guarded()
    let rounds = 4000 / threads
    let ended = Threads.run(threads) { _ in
      for _ in 0..<rounds { guarded.increment(yielding: true) }
    }
    #expect(ended, "a wake-up was lost")
    #expect(!guarded.isToWake, "a release has woken nobody")
    #expect(guarded.count == threads * rounds)
    #expect(guarded.faultCount == 0)
  }

  @Test("A cache's lock loses no wake-up between threads that take turns", arguments: [2, 3, 8])
  func takesTurns(threads: Int) {
    let guarded = Guarded()
    let turns = 600 * threads
    let ended = Threads.run(threads) { number in
      var isOver = false
      while !isOver {
        guarded.lock.lock()
        let turn = guarded.words[0]
        isOver = turn >= turns
        if !isOver, turn % threads == number {
          guarded.words[0] = turn + 1
          guarded.words[1] = ~(turn + 1)
        }
        guarded.lock.unlock()
        sched_yield()
      }
    }
    #expect(ended, "a thread whose turn had come did not get the lock")
    #expect(guarded.count == turns)
  }

  @Test(
    "A cache's lock wakes all that sleep, one after the other, although it is released only once")
  func passesTheWakeUpOn() {
    for _ in 0..<50 {
      let guarded = Guarded()
      let arrived = Latch(count: 6)
      guarded.lock.lock()
      let ended = Threads.start(6) { _ in
        arrived.countDown()
        guarded.increment()
      }
      let haveArrived = arrived.wait()
      for _ in 0..<20 { sched_yield() }
      guarded.lock.unlock()
      #expect(haveArrived && ended.wait(), "somebody who slept was not woken")
      #expect(!guarded.isToWake, "a release has woken nobody")
      #expect(guarded.count == 6)
    }
  }

  #if os(Linux)
    @Test(
      "A cache's lock lets waiting threads sleep while it is held for long, and wakes them then")
    func waitersSleep() {
      let guarded = Guarded()
      let waiters = 6
      guarded.lock.lock()
      let (ended, areAsleep) = Self.startSleepers(waiters) { guarded.increment() }
      #expect(areAsleep, "a waiter still runs")
      #expect(guarded.words[0] == 0)
      guarded.lock.unlock()
      #expect(ended.wait(), "somebody who slept was not woken")
      #expect(!guarded.isToWake, "a release has woken nobody")
      #expect(guarded.count == waiters)
      #expect(guarded.faultCount == 0)
    }

    @Test("A cache's lock wakes another thread as long as others sleep that have waited for it")
    func remembersSleepers() {
      let guarded = Guarded()
      let waiters = 4
      let seen = Locked<[Bool]>([])
      guarded.lock.lock()
      let (ended, areAsleep) = Self.startSleepers(waiters) {
        guarded.lock.lock()
        let isToWake = guarded.lock.hasSleepers.load(ordering: .relaxed)
        seen.withLock { $0.append(isToWake) }
        guarded.lock.unlock()
      }
      #expect(areAsleep, "a waiter still runs")
      guarded.lock.unlock()
      #expect(ended.wait(), "somebody who slept was not woken")
      // Whether the last one is to wake a thread does not matter.
      #expect(seen.withLock { $0.dropLast() } == [true, true, true])
    }

    /// Starts threads that do something for which they need a lock that is held.
    ///
    /// - Returns: A latch that opens when they have ended, and whether all of them sleep by now.
    private static func startSleepers(
      _ count: Int, _ body: @escaping @Sendable () -> Void
    ) -> (ended: Latch, areAsleep: Bool) {
      let names = Locked<[String]>([])
      let ended = Threads.start(count) { _ in
        let name = ThreadState.nameOfThisThread()
        names.withLock { $0.append(name) }
        body()
      }
      let deadline = ContinuousClock.now + patience
      var areAsleep = false
      while !areAsleep, ContinuousClock.now < deadline {
        let known = names.withLock { $0 }
        areAsleep = known.count == count && ThreadState.sleepOn(known)
        sched_yield()
      }
      return (ended, areAsleep)
    }
  #endif

  @Test("A cache's lock lets a thread that no other may wake try again by itself")
  func napsEnd() {
    let waiters = LockWaiters()
    waiters.enter()
    let start = ContinuousClock.now
    // May end early, as every wait for a condition.
    while ContinuousClock.now - start < .microseconds(900) { waiters.sleep(atMost: 1_000_000) }
    waiters.leave()
  }

  @Test("A cache's lock has one list of waiters, however many threads come to it first")
  func isOpenedOnce() {
    final class House: @unchecked Sendable {
      let waiters = LockWaiters()
      /// Guarded by the waiters' mutex.
      var guests = 0
    }
    for _ in 1...200 {
      let house = House()
      let ended = Threads.run(4) { _ in
        for _ in 1...50 {
          house.waiters.enter()
          house.guests += 1
          house.waiters.leave()
        }
      }
      #expect(ended)
      #expect(house.guests == 200)
    }
  }

  @Test("A cache's lock can be taken at once after a release, whichever threads slept before")
  func isReleasedForEverybody() {
    let guarded = Guarded()
    for round in 1...200 {
      let ended = Threads.run(3) { _ in guarded.increment(yielding: true) }
      #expect(ended)
      guarded.increment()
      #expect(guarded.count == round * 4)
    }
  }
}

#if os(Linux)
  /// The states of this process's threads, as the kernel has them.
  private enum ThreadState {
    /// The folder of the present thread below `/proc`.
    static func nameOfThisThread() -> String {
      var bytes = [CChar](repeating: 0, count: 256)
      let count = readlink("/proc/thread-self", &bytes, bytes.count)
      precondition(count > 0, "the system does not name its threads")
      return String(
        decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether threads sleep and go on sleeping: for a while, none of them is given a processor.
    static func sleepOn(_ names: [String]) -> Bool {
      let before = names.map(timesOfSleep)
      guard !before.contains(nil) else { return false }
      let end = ContinuousClock.now + .milliseconds(20)
      while ContinuousClock.now < end { sched_yield() }
      return names.map(timesOfSleep) == before
    }

    /// How often a thread has gone to sleep, `nil` if it does not sleep now.
    private static func timesOfSleep(_ name: String) -> String? {
      let lines = contents(ofFile: "/proc/\(name)/status").split(separator: "\n")
      guard lines.contains(where: { $0.hasPrefix("State:\tS") }) else { return nil }
      return lines.first { $0.hasPrefix("voluntary_ctxt_switches:") }.map(String.init)
    }

    private static func contents(ofFile path: String) -> String {
      guard let file = fopen(path, "r") else { return "" }
      defer { fclose(file) }
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = fread(&bytes, 1, bytes.count, file)
      return String(decoding: bytes[..<count], as: UTF8.self)
    }
  }
#endif
