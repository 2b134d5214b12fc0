import Synchronization

/// Whether look-ups of several threads read at the same time.
///
/// No enumeration: where the optimizer knows all cases, it asks for each of them.
@usableFromInline
package struct ReadSharing: RawRepresentable, AtomicRepresentable, Equatable, Sendable {
  @usableFromInline package let rawValue: UInt8

  @inlinable @inline(__always)
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Never so far: the lock was free nearly whenever it was wanted.
  @inlinable package static var none: ReadSharing { ReadSharing(rawValue: 0) }
  /// They do.
  @inlinable package static var shared: ReadSharing { ReadSharing(rawValue: 1) }
  /// They have, and do not at present: a hit writes to the recency ring, or writes are frequent.
  @inlinable package static var suspended: ReadSharing { ReadSharing(rawValue: 2) }
}

/// Look-ups in a cache with an adaptive policy, whose hits write no links.
///
/// They take the lock until it was found taken several times. From then on each takes a place of
/// its own (``ReaderPlaces``), and writes there what the policy has to be given; the next operation
/// under the lock passes that on. Only contention starts this (as in Dice and Kogan, "BRAVO",
/// 2019): a cache that one thread uses has no places, and pays for none.
extension Cache {
  /// A look-up in a cache with a policy, under the lock.
  @inlinable @inline(never)
  func valueByPolicy(
    forKey key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>
  ) -> Value? {
    let state = self.state
    if lock.tryLock() { noteEntered() } else { enterAfterOthers() }
    if readSharing.load(ordering: .relaxed) != .none { noteLockedRead() }
    guard !state.pointee.core.isAnythingDueApart() else {
      leave()
      return accessedValue(forKey: key, hash: hash)
    }
    let slot = state.pointee.core.accessByPolicy(key, hash: hash, bytes: bytes)
    let value = state.pointee.core.value(in: slot)
    leave()
    return value
  }

  /// A look-up in a cache with a policy, beside those of other threads.
  ///
  /// What is more than a hit is done under the lock.
  @inlinable @inline(never)
  func sharedValue(
    forKey key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>
  ) -> Value? {
    let state = self.state
    if let policy = state.pointee.core.policy, let places = policy.pointee.readerPlaces,
      let place = places.enter(lock)
    {
      // Suspended since: then those that take the lock do not look at the places.
      let isShared = readSharing.load(ordering: .relaxed) == .shared
      let slot =
        isShared
        ? state.pointee.core.accessShared(key, hash: hash, bytes: bytes, from: place) : 0
      let value = state.pointee.core.value(in: slot)
      place.leave()
      if slot != 0 { return value }
    }
    return valueByPolicy(forKey: key, hash: hash, bytes: bytes)
  }

  /// Takes the lock for a look-up that has found it taken.
  @inlinable @inline(never)
  func enterAfterOthers() {
    enterAlone()
    guard readSharing.load(ordering: .relaxed) == .none, !KeyEquality.callsOut(Key.self) else {
      return
    }
    if state.pointee.core.opensReaderPlacesForContention() {
      readSharing.store(.shared, ordering: .releasing)
    }
  }

  /// Waits until no thread reads, and has the engine take note of what was read; the lock is held
  /// for another operation than a look-up.
  @inlinable @inline(never)
  func takeInSharedReads() {
    state.pointee.core.takeInSharedReads()
    if !state.pointee.core.sharesReadsOn() { readSharing.store(.suspended, ordering: .relaxed) }
  }

  /// Notes a look-up under the lock in a cache whose look-ups are or were shared.
  @inlinable @inline(never)
  func noteLockedRead() {
    if readSharing.load(ordering: .relaxed) == .shared {
      state.pointee.core.takeInSharedReads()
      if !state.pointee.core.countsUses { readSharing.store(.suspended, ordering: .relaxed) }
    } else if state.pointee.core.sharesReadsAgain() {
      readSharing.store(.shared, ordering: .releasing)
    }
  }

  /// Has look-ups read at the same time as after contention, for tests.
  ///
  /// - Returns: Whether they do.
  package func shareReads() -> Bool {
    enter()
    defer { leave() }
    guard hasFastPolicyReadPath, !KeyEquality.callsOut(Key.self),
      state.pointee.core.openReaderPlaces()
    else { return false }
    readSharing.store(.shared, ordering: .releasing)
    return true
  }
}
