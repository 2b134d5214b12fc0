import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Places in which threads announce that they read what a ``CacheLock`` guards, instead of taking
/// it: so they read at the same time.
///
/// Each place is a cache line of its own, so that threads in different places write no common one;
/// a distributed reader-writer lock (Hsieh and Weihl, "Scalable reader-writer locks for parallel
/// systems", 1992). A reader takes its place, and then looks whether the lock is taken: if it is,
/// the reader leaves again. A thread that has taken the lock waits until every place is free. One
/// of both sees the other, because each writes before it reads, in sequentially consistent order.
///
/// A reader must not call anything that could wait, least of all for the lock.
@usableFromInline
package struct ReaderPlaces: @unchecked Sendable {
  @usableFromInline package let first: UnsafeMutableRawPointer

  /// A power of two, and more than the six processors that a function has at the most.
  @usableFromInline package static var count: Int { 8 }
  @usableFromInline package static var stride: Int { 64 }
  /// Places that a thread tries.
  @usableFromInline package static var attempts: Int { 3 }
  /// Looks at a taken lock before a reader gives up and waits for it: about as long as a write
  /// takes.
  @usableFromInline package static var looks: Int { 32 }

  /// Bytes in use.
  @usableFromInline static let byteCount = Allocator.allocationByteCount(
    forRequest: count * stride + stride)

  package init() {
    first = .allocate(byteCount: ReaderPlaces.count * ReaderPlaces.stride, alignment: 64)
    for number in 0..<ReaderPlaces.count { place(number).open() }
  }

  /// Gives the memory back; no thread reads any more.
  package func release() {
    for number in 0..<ReaderPlaces.count { place(number).record.deinitialize(count: 1) }
    first.deallocate()
  }

  @inlinable @inline(__always)
  func place(_ number: Int) -> ReaderPlace {
    ReaderPlace(
      record: (first + number &* ReaderPlaces.stride)
        .assumingMemoryBound(to: Atomic<Bool>.self))
  }

  /// Takes a place, unless a thread has taken the lock.
  ///
  /// - Returns: The place, which is to be left soon; `nil` if the lock is taken for long, or other
  ///   threads are in the places that this one tries.
  @inlinable @inline(__always)
  package func enter(_ lock: borrowing CacheLock) -> ReaderPlace? {
    let place = place(ReaderPlaces.home)
    if _slowPath(!place.take()) { return enterAnother(lock) }
    if _fastPath(!lock.isTaken.load(ordering: .sequentiallyConsistent)) { return place }
    place.leave()
    return enterLater(lock)
  }

  @usableFromInline
  @inline(never)
  func enterAnother(_ lock: borrowing CacheLock) -> ReaderPlace? {
    for distance in 1..<ReaderPlaces.attempts {
      let place = place((ReaderPlaces.home &+ distance) % ReaderPlaces.count)
      if place.enter(lock) { return place }
    }
    return nil
  }

  /// Tries once more when the lock is released soon.
  @usableFromInline
  @inline(never)
  func enterLater(_ lock: borrowing CacheLock) -> ReaderPlace? {
    var looks = 0
    while lock.isTaken.load(ordering: .relaxed) {
      looks += 1
      guard looks < ReaderPlaces.looks else { return nil }
    }
    let place = place(ReaderPlaces.home)
    return place.enter(lock) ? place : nil
  }

  /// The place that a thread tries first: threads get stacks at equal distances, which the
  /// multiplication by the golden ratio spreads evenly.
  @inlinable @inline(__always)
  static var home: Int {
    Int(truncatingIfNeeded: (CacheLock.thisThread &* 0x9E37_79B9_7F4A_7C15) &>> 61)
  }

  /// Waits until no thread reads any more.
  ///
  /// - Precondition: The calling thread has the lock, so that none begins to.
  package func waitUntilFree() {
    for number in 0..<ReaderPlaces.count { place(number).waitUntilLeft() }
  }

  /// Takes what readers have left in their places: the number of hits, and the slots noted.
  ///
  /// - Precondition: ``waitUntilFree()``
  package func collect(_ note: (Slot) -> Void) -> Int {
    var hits = 0
    for number in 0..<ReaderPlaces.count { hits &+= place(number).collect(note) }
    return hits
  }
}

/// A cache line that one thread at a time has: that it reads, and what it has to say of it.
@usableFromInline
package struct ReaderPlace {
  /// The word that is taken; behind it the counts, and then the notes.
  @usableFromInline package let record: UnsafeMutablePointer<Atomic<Bool>>

  @inlinable @inline(__always)
  init(record: UnsafeMutablePointer<Atomic<Bool>>) { self.record = record }

  /// Bytes of the word that is taken, and of the counts.
  @usableFromInline static var headerByteCount: Int { 16 }

  /// The most notes: as many slots as fit behind the counts.
  @usableFromInline package static var noteLimit: Int {
    (ReaderPlaces.stride - headerByteCount) / MemoryLayout<Slot>.stride
  }

  /// The hits that are not collected yet, times 16, plus the number of notes, which is less.
  @inlinable @inline(__always)
  var counts: UnsafeMutablePointer<UInt> {
    (UnsafeMutableRawPointer(record) + 8).assumingMemoryBound(to: UInt.self)
  }

  @inlinable @inline(__always)
  var notes: UnsafeMutablePointer<Slot> {
    (UnsafeMutableRawPointer(record) + ReaderPlace.headerByteCount)
      .assumingMemoryBound(to: Slot.self)
  }

  /// Makes the place one that no thread has.
  fileprivate func open() {
    record.initialize(to: Atomic(false))
    counts.initialize(to: 0)
    notes.initialize(repeating: 0, count: ReaderPlace.noteLimit)
  }

  /// Takes the place.
  ///
  /// - Returns: `false` if another thread has it.
  @inlinable @inline(__always)
  func take() -> Bool { !record.pointee.exchange(true, ordering: .sequentiallyConsistent) }

  /// Takes the place, unless another thread has it or the lock.
  fileprivate func enter(_ lock: borrowing CacheLock) -> Bool {
    guard take() else { return false }
    if !lock.isTaken.load(ordering: .sequentiallyConsistent) { return true }
    leave()
    return false
  }

  /// Notes a slot for the next thread that takes the lock, if there is room for it.
  @inlinable @inline(__always)
  package func note(_ slot: Slot) -> Bool {
    let count = Int(truncatingIfNeeded: counts.pointee & 15)
    guard count < ReaderPlace.noteLimit else { return false }
    notes[count] = slot
    counts.pointee &+= 1
    return true
  }

  /// Counts a hit for the next thread that takes the lock.
  @inlinable @inline(__always)
  package func countHit() { counts.pointee &+= 16 }

  /// Leaves the place.
  @inlinable @inline(__always)
  package func leave() { record.pointee.store(false, ordering: .releasing) }

  private var isTaken: Bool { record.pointee.load(ordering: .sequentiallyConsistent) }

  /// Waits until the thread in this place has left, which it does in nanoseconds unless it was
  /// preempted.
  fileprivate func waitUntilLeft() {
    for _ in 0..<200 where !isTaken { return }
    var nanoseconds = 1_000
    while isTaken {
      var time = timespec(tv_sec: 0, tv_nsec: nanoseconds)
      nanosleep(&time, nil)
      nanoseconds = min(2 * nanoseconds, 1_000_000)
    }
  }

  /// Collects the hits and the notes of the place, and clears them.
  fileprivate func collect(_ note: (Slot) -> Void) -> Int {
    let counts = counts.pointee
    guard counts > 0 else { return 0 }
    self.counts.pointee = 0
    for number in 0..<Int(counts & 15) { note(notes[number]) }
    return Int(counts >> 4)
  }
}
