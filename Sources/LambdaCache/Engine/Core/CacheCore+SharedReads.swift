import Synchronization

/// Look-ups in a cache with an adaptive policy by several threads at the same time.
///
/// They read the engine, and write only the marks of entries and their own ``ReaderPlace``.
extension CacheCore {
  /// ``accessByPolicy(_:hash:bytes:)`` beside other threads, where it is a hit that is counted in a
  /// mark; otherwise it has no effect.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - hash: Its hash.
  ///   - bytes: Its bytes; see ``KeyHasher/withHash(of:_:)``.
  ///   - place: The place of the calling thread.
  /// - Returns: The slot; 0 if there is more to do, or no entry.
  @inlinable @inline(__always)
  package func accessShared(
    _ key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>, from place: ReaderPlace
  ) -> Slot {
    guard let policy, policy.pointee.countsUses, isNothingDueAsKnown() else { return 0 }
    var slot = HashIndex.candidate(hash: hash, cells: index.cells, shape: index.shape)
    if _slowPath(slot == 0 || !KeyEquality.areSame(entries[Int(slot)].key, key, bytes: bytes)) {
      slot = CacheCore.findByProbing(key, hash: hash, probe: index.probe, entries: entries)
      guard slot != 0 else { return 0 }
    }
    if _slowPath(hash & policy.pointee.sampleMask == 0), !place.note(slot) { return 0 }
    policy.pointee.countSharedUse(slot)
    place.countHit()
    return slot
  }

  /// Whether nothing is due, by a clock that has not moved since it was followed last.
  @inlinable @inline(__always)
  func isNothingDueAsKnown() -> Bool {
    expiry.nextDue == .max || (time.isFollowed && time.latestTick < expiry.nextDue)
  }

  /// Notes that a look-up has found the lock taken.
  ///
  /// - Returns: Whether this was so often that there are places for readers from now on.
  @inlinable
  mutating func opensReaderPlacesForContention() -> Bool {
    guard let policy, policy.pointee.isContended() else { return false }
    return openReaderPlaces()
  }

  /// Makes places for readers.
  ///
  /// - Returns: Whether there are any; a small cache would be one of places for the most part.
  @inlinable
  mutating func openReaderPlaces() -> Bool {
    guard let policy, limits.byteLimit >= 64 * ReaderPlaces.byteCount else { return false }
    return policy.pointee.openReaderPlaces()
  }

  /// Waits until no thread reads, and takes note of what was read.
  @inlinable
  package mutating func takeInSharedReads() {
    guard let policy else { return }
    counts.hits &+= policy.pointee.takeInSharedReads(hits: counts.hits, in: table.columns)
    // Readers do not move it on; see `findBeyondCandidate`.
    if index.oldCells != nil { index.moveSome(records: table.records) }
  }

  /// Whether a hit is counted in a mark, and writes no links.
  @inlinable
  var countsUses: Bool { policy.map { $0.pointee.countsUses } ?? false }

  /// Whether threads read on at the same time after another operation than a look-up.
  @inlinable
  mutating func sharesReadsOn() -> Bool { policy?.pointee.sharesReadsOn() ?? false }

  /// Notes a look-up under the lock while threads do not read at the same time.
  ///
  /// - Returns: Whether they do from now on.
  @inlinable
  mutating func sharesReadsAgain() -> Bool { policy?.pointee.sharesReadsAgain() ?? false }
}
