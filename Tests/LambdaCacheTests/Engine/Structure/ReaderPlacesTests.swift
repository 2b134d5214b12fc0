import LambdaCache
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Places of threads that read at the same time", .timeLimit(.minutes(15)))
struct ReaderPlacesTests {
  /// A lock, places beside it, and two words that are equal while no thread writes.
  private final class Guarded: @unchecked Sendable {
    let lock = CacheLock()
    let places = ReaderPlaces()
    var words = (0, 0)
    let faultCount = Locked(0)

    deinit { places.release() }

    func enter() -> ReaderPlace? { places.enter(lock) }

    /// Reads without the lock.
    ///
    /// - Returns: Whether there was a place.
    func read() -> Bool {
      guard let place = enter() else { return false }
      if words.0 != words.1 { faultCount.withLock { $0 += 1 } }
      place.countHit()
      place.leave()
      return true
    }

    func write() {
      lock.lock()
      places.waitUntilFree()
      words.0 += 1
      words.1 += 1
      lock.unlock()
    }
  }

  @Test("A thread has no place while the lock is taken, and leaves none taken behind")
  func isTaken() throws {
    let guarded = Guarded()
    guarded.lock.lock()
    #expect(guarded.enter() == nil)
    // Would wait for a place that was not left.
    guarded.places.waitUntilFree()
    guarded.lock.unlock()
    let place = try #require(guarded.enter())
    place.leave()
  }

  @Test("A thread whose place is another's takes the next one, up to a limit")
  func isAnothers() throws {
    let guarded = Guarded()
    var places: [ReaderPlace] = []
    while let place = guarded.enter() { places.append(place) }
    #expect(Set(places.map(\.record)).count == ReaderPlaces.attempts)
    for place in places { place.leave() }
    guarded.lock.lock()
    guarded.places.waitUntilFree()
    // One of them is taken, the other ones are not asked for with a lock that is taken.
    guarded.lock.unlock()
    let first = try #require(guarded.enter())
    #expect(first.record == places[0].record)
    guarded.lock.lock()
    #expect(guarded.enter() == nil)
    first.leave()
    guarded.places.waitUntilFree()
    guarded.lock.unlock()
  }

  @Test("A thread that has taken the lock waits for one that reads")
  func waits() throws {
    let guarded = Guarded()
    let place = try #require(guarded.enter())
    let hasWritten = Locked(false)
    let ended = Threads.start(1) { _ in
      guarded.write()
      hasWritten.withLock { $0 = true }
    }
    // Longer than it looks without sleeping.
    usleep(20_000)
    #expect(!hasWritten.withLock { $0 })
    #expect(guarded.enter() == nil, "a thread wants to write")
    place.leave()
    #expect(ended.wait(), "the thread that writes was not let through")
    #expect(guarded.words == (1, 1))
  }

  @Test("No thread reads while one writes", arguments: [2, 4, 12])
  func excludes(threads: Int) {
    let guarded = Guarded()
    let reads = Locked(0)
    let rounds = 200_000 / threads
    let ended = Threads.run(threads) { number in
      var own = 0
      for round in 0..<rounds {
        if round % 50 == number { guarded.write() } else if guarded.read() { own += 1 }
      }
      let count = own
      reads.withLock { $0 += count }
    }
    #expect(ended, "a thread was not let through")
    #expect(guarded.faultCount.withLock { $0 } == 0)
    let writes = (0..<threads).map { number in (0..<rounds).count { $0 % 50 == number } }
    #expect(guarded.words.0 == writes.reduce(0, +))
    var notes = 0
    #expect(guarded.places.collect { _ in notes += 1 } == reads.withLock { $0 })
    #expect(notes == 0)
    #expect(reads.withLock { $0 } > 0)
  }

  @Test("What a thread notes is there for the next one that takes the lock, once")
  func notes() throws {
    let guarded = Guarded()
    let place = try #require(guarded.enter())
    let slots = (1...Slot(ReaderPlace.noteLimit)).map { $0 * 7 }
    for slot in slots {
      #expect(place.note(slot))
      place.countHit()
    }
    #expect(!place.note(1), "there is no room for one more")
    place.leave()
    var collected: [Slot] = []
    #expect(guarded.places.collect { collected.append($0) } == slots.count)
    #expect(collected == slots)
    #expect(guarded.places.collect { collected.append($0) } == 0)
    #expect(collected == slots)
    let again = try #require(guarded.enter())
    #expect(again.note(1))
    again.leave()
  }

  @Test("A place is a cache line, and what it holds fits in it")
  func layout() {
    #expect(ReaderPlace.noteLimit == 12)
    let places = ReaderPlaces()
    defer { places.release() }
    #expect(UInt(bitPattern: places.first) % 64 == 0)
  }
}
