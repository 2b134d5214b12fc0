/// What few caches have beside their entries: tags, and a log of who has left.
///
/// A class, so that a cache without is asked with one comparison.
@usableFromInline
package final class CacheExtras: @unchecked Sendable {
  var missLog: MissLog?
  var tags: TagTable?
  /// A slot whose entry is followed for a while, wherever it goes; 0 when it has left, or for none.
  var followedSlot: Slot = 0

  /// Bytes in use.
  var byteCount: Int { (missLog?.byteCount ?? 0) + (tags?.byteCount ?? 0) }
}

extension CacheCore {
  /// Bytes that they take.
  var extrasByteCount: Int { extras?.byteCount ?? 0 }

  /// Bytes that they take, counted anew.
  var recomputedExtrasByteCount: Int {
    (extras?.missLog?.byteCount ?? 0) + (extras?.tags?.recomputedByteCount ?? 0)
  }

  /// What few caches have, made if there is nothing yet.
  mutating func openExtras() -> CacheExtras {
    if let extras { return extras }
    let opened = CacheExtras()
    extras = opened
    return opened
  }

  /// Notes that an entry is about to leave its slot.
  @usableFromInline
  mutating func noteDeparture(_ slot: Slot, hash: UInt32, cause: RemovalCause) {
    guard let extras else { return }
    if extras.followedSlot == slot { extras.followedSlot = 0 }
    removeTags(of: slot)
    extras.missLog?.noteRemoval(cause, hash: hash, at: time.now())
  }

  /// Notes that the value of a key is another one.
  @usableFromInline
  mutating func noteReplacement(_ slot: Slot) {
    removeTags(of: slot)
  }

  private mutating func removeTags(of slot: Slot) {
    guard let extras else { return }
    extras.tags?.remove(slot)
    if extras.tags?.hasShrunk == true { extrasHaveShrunk = true }
  }

  /// Notes that the cache knows how much memory there is.
  mutating func noteExtrasSettled() {
    extras?.tags?.hasShrunk = false
    extrasHaveShrunk = false
  }

  /// Follows an entry to another slot.
  @usableFromInline
  mutating func noteMove(from source: Slot, to target: Slot) {
    guard let extras else { return }
    if extras.followedSlot == source { extras.followedSlot = target }
    extras.tags?.move(from: source, to: target)
  }

  /// Notes that the load of a key has failed.
  mutating func noteFailedLoad(hash: UInt32) {
    extras?.missLog?.note(.loadFailed, hash: hash, at: time.now())
  }

  /// Notes that a value was not taken in.
  @usableFromInline
  mutating func noteRejection(hash: UInt32) {
    extras?.missLog?.note(.rejected, hash: hash, at: time.now())
  }
}
