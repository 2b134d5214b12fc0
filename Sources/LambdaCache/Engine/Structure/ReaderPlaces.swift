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
    for number in 0..<ReaderPlaces.count {
      place(number).record.initialize(to: ReaderPlace.Record())
    }
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
        .assumingMemoryBound(to: ReaderPlace.Record.self))
  }

  /// Takes a place, unless a thread has taken the lock.
  ///
  /// - Returns: The place, which is to be left soon; `nil` if the lock is taken for long, or other
  ///   threads are in the places that this one tries.
  @inlinable @inline(__always)
  package func enter(_ lock: borrowing CacheLock) -> ReaderPlace? {
    let place = place(ReaderPlaces.home)
    if _slowPath(place.record.pointee.isTaken.exchange(true, ordering: .sequentiallyConsistent)) {
      return enterAnother(lock)
    }
    if _fastPath(!lock.isTaken.load(ordering: .sequentiallyConsistent)) { return place }
    place.leave()
    return enterLater(lock)
  }

  @usableFromInline
  @inline(never)
  func enterAnother(_ lock: borrowing CacheLock) -> ReaderPlace? {
    for distance in 1..<ReaderPlaces.attempts {
      let place = place((ReaderPlaces.home &+ distance) % ReaderPlaces.count)
      guard !place.record.pointee.isTaken.exchange(true, ordering: .sequentiallyConsistent) else {
        continue
      }
      if !lock.isTaken.load(ordering: .sequentiallyConsistent) { return place }
      place.leave()
      return nil
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
    if place.record.pointee.isTaken.exchange(true, ordering: .sequentiallyConsistent) { return nil }
    if !lock.isTaken.load(ordering: .sequentiallyConsistent) { return place }
    place.leave()
    return nil
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
    for number in 0..<ReaderPlaces.count {
      let place = place(number)
      hits &+= place.record.pointee.hits
      guard place.record.pointee.hits > 0 else { continue }
      place.record.pointee.hits = 0
      let count = Int(place.record.pointee.noteCount)
      place.record.pointee.noteCount = 0
      for number in 0..<count { note(place.notes[number]) }
    }
    return hits
  }
}

/// A cache line that one thread at a time has: that it reads, and what it has to say of it.
@usableFromInline
package struct ReaderPlace {
  @usableFromInline
  package struct Record: ~Copyable {
    @usableFromInline let isTaken = Atomic<Bool>(false)
    @usableFromInline var noteCount: UInt8 = 0
    /// Hits that nobody has counted yet.
    @usableFromInline var hits = 0

    @usableFromInline package init() {}
  }

  @usableFromInline package let record: UnsafeMutablePointer<Record>

  @inlinable @inline(__always)
  init(record: UnsafeMutablePointer<Record>) { self.record = record }

  /// Slots that fit behind the record.
  @usableFromInline package static var noteLimit: Int {
    (ReaderPlaces.stride - MemoryLayout<Record>.stride) / MemoryLayout<Slot>.stride
  }

  @inlinable @inline(__always)
  var notes: UnsafeMutablePointer<Slot> {
    UnsafeMutableRawPointer(record + 1).assumingMemoryBound(to: Slot.self)
  }

  /// Notes a slot for the next thread that takes the lock, if there is room for it.
  @inlinable @inline(__always)
  package func note(_ slot: Slot) -> Bool {
    let count = Int(record.pointee.noteCount)
    guard count < ReaderPlace.noteLimit else { return false }
    notes[count] = slot
    record.pointee.noteCount = UInt8(truncatingIfNeeded: count &+ 1)
    return true
  }

  /// Counts a hit for the next thread that takes the lock.
  @inlinable @inline(__always)
  package func countHit() { record.pointee.hits &+= 1 }

  /// Leaves the place.
  @inlinable @inline(__always)
  package func leave() { record.pointee.isTaken.store(false, ordering: .releasing) }

  var isTaken: Bool { record.pointee.isTaken.load(ordering: .sequentiallyConsistent) }

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
}
