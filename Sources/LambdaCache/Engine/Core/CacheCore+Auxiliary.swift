/// State that few caches have beside their entries: tags and a miss log.
///
/// A cache with a policy has it as well, perhaps without either.
///
/// A class, so that its absence is checked with one comparison.
@usableFromInline
package final class AuxiliaryState: @unchecked Sendable {
  // The lock of the cache excludes simultaneous accesses; to check for them as well took a hundred
  // instructions an entry that leaves.
  @exclusivity(unchecked) var missLog: MissLog? {
    didSet { noteContents() }
  }
  @exclusivity(unchecked) var tags: TagTable? {
    didSet { noteContents() }
  }
  /// A slot whose entry is followed for a while, wherever it moves; 0 when it has left, or for
  /// none.
  @exclusivity(unchecked) var followedSlot: Slot = 0 {
    didSet { noteContents() }
  }

  /// Whether nothing needs to be noted of entries that leave; kept, because that is asked for each.
  @exclusivity(unchecked) @usableFromInline private(set) var isEmpty = true

  private func noteContents() { isEmpty = missLog == nil && tags == nil && followedSlot == 0 }

  /// Bytes in use.
  var byteCount: Int { (missLog?.byteCount ?? 0) + (tags?.byteCount ?? 0) }
}

extension CacheCore {
  /// Bytes of the auxiliary state.
  var auxiliaryByteCount: Int { auxiliary?.byteCount ?? 0 }

  /// Bytes of the auxiliary state, recounted.
  var recomputedAuxiliaryByteCount: Int {
    (auxiliary?.missLog?.byteCount ?? 0) + (auxiliary?.tags?.recomputedByteCount ?? 0)
  }

  /// The auxiliary state, made if there is none yet.
  mutating func openAuxiliary() -> AuxiliaryState {
    if let auxiliary { return auxiliary }
    let opened = AuxiliaryState()
    auxiliary = opened
    return opened
  }

  /// Notes that an entry is about to leave its slot.
  @inlinable @inline(never)
  mutating func noteRemovedEntry(_ slot: Slot, hash: UInt32, cause: RemovalCause) {
    if let auxiliary, !auxiliary.isEmpty {
      noteRemovedEntryWithAuxiliary(slot, hash: hash, cause: cause)
    }
    policy?.pointee.noteRemoval(
      slot, isEvicted: cause == .size || cause == .pressure, in: table.columns)
  }

  @usableFromInline
  mutating func noteRemovedEntryWithAuxiliary(_ slot: Slot, hash: UInt32, cause: RemovalCause) {
    guard let auxiliary else { return }
    if auxiliary.followedSlot == slot { auxiliary.followedSlot = 0 }
    removeTags(of: slot)
    auxiliary.missLog?.noteRemoval(cause, hash: hash, at: time.now())
  }

  /// Notes that the value of a key is another one.
  @usableFromInline
  mutating func noteReplacement(_ slot: Slot) {
    removeTags(of: slot)
  }

  private mutating func removeTags(of slot: Slot) {
    guard let auxiliary else { return }
    auxiliary.tags?.remove(slot)
    if auxiliary.tags?.hasShrunk == true { auxiliaryHasShrunk = true }
  }

  /// Notes that the cache has charged the auxiliary bytes again.
  mutating func noteAuxiliaryCharged() {
    auxiliary?.tags?.hasShrunk = false
    auxiliaryHasShrunk = false
  }

  /// Follows an entry to another slot.
  @usableFromInline
  mutating func noteMove(from source: Slot, to target: Slot) {
    guard let auxiliary else { return }
    if auxiliary.followedSlot == source { auxiliary.followedSlot = target }
    auxiliary.tags?.move(from: source, to: target)
    policy?.pointee.move(from: source, to: target, in: table.columns)
  }

  /// Notes that the load of a key has failed.
  mutating func noteFailedLoad(hash: UInt32) {
    auxiliary?.missLog?.note(.loadFailed, hash: hash, at: time.now())
  }

  /// Notes that a value was rejected.
  @usableFromInline
  mutating func noteRejection(hash: UInt32) {
    auxiliary?.missLog?.note(.rejected, hash: hash, at: time.now())
  }
}
