/// A load that failed and when its key may be loaded again.
@usableFromInline
package struct LoadFailure: Sendable {
  var error: any Error
  var kind: LoadErrorClass
  /// How many loads of the key have failed in a row.
  var count: Int
  /// The first tick at which the key may be loaded again.
  var end: Tick
}

/// The loads of a cache that failed and are remembered, the least recently asked for forgotten
/// first.
///
/// It is an engine of its own beside the cache's, which has values where this one has errors; what
/// it takes is taken off the cache's limit. Everything in it is guarded by the cache's lock.
@usableFromInline
package final class FailureMemory<Key: Hashable & Sendable>: @unchecked Sendable {
  package typealias Departed = RemovedEntries<Key, LoadFailure>

  private var core: CacheCore<Key, LoadFailure>

  init(byteLimit: Int, injectedOrigin: Duration?) {
    core = CacheCore(
      limits: CacheLimits(byteLimit: byteLimit, entryLimit: nil, entryByteLimit: nil),
      expiration: Expiration(), isObserved: false, injectedOrigin: injectedOrigin)
  }

  /// Bytes in use.
  var byteCount: Int { core.byteCount }

  /// The keys whose failures are remembered.
  var keys: [Key] { core.ringEntries.map(\.key) }

  /// The remembered failure that prevents a load of a key; `nil` if there is none.
  func active(_ key: Key, hash: UInt32, reading: Duration?) -> LoadFailure? {
    guard let (slot, _) = look(for: key, hash: hash, reading: reading) else { return nil }
    core.table.moveToFront(slot)
    return core.entries[Int(slot)].value
  }

  /// The remembered failure that prevents a load of a key, and for how long still; `nil` if there
  /// is none.
  ///
  /// It changes nothing.
  func remaining(
    of key: Key, hash: UInt32, reading: Duration?
  ) -> (failure: LoadFailure, left: Duration)? {
    look(for: key, hash: hash, reading: reading).map { slot, left in
      (core.entries[Int(slot)].value, .milliseconds(Int64(left)))
    }
  }

  /// The slot of a failure that still counts, and for how many ticks.
  private func look(for key: Key, hash: UInt32, reading: Duration?) -> (slot: Slot, left: Tick)? {
    let slot = core.peek(key, hash: hash, reading: reading).freshSlot
    guard slot != 0 else { return nil }
    if let reading { core.time.note(reading) }
    let end = core.entries[Int(slot)].value.end
    // One reading: the time may be over at the next.
    let now = core.time.now()
    return end > now ? (slot, end - now) : nil
  }

  /// How many loads of a key have failed in a row.
  func failureCount(of key: Key, hash: UInt32, reading: Duration?) -> Int {
    let slot = core.peek(key, hash: hash, reading: reading).freshSlot
    return slot == 0 ? 0 : core.entries[Int(slot)].value.count
  }

  /// Remembers a failure.
  ///
  /// - Parameters:
  ///   - delay: How long the key is not to be loaded; the failure counts as one in a row for as
  ///     long again.
  ///   - departed: Takes what has to be forgotten.
  func remember(
    _ error: any Error, kind: LoadErrorClass, count: Int, delay: Duration, forKey key: Key,
    hash: UInt32, heapByteCount: Int, reading: Duration?, departed: inout Departed
  ) {
    if let reading { core.time.note(reading) }
    let span = Tick.milliseconds(roundingUp: delay)
    _ = core.time.now()
    let end = min(core.time.writeTime() + span, Tick.end)
    _ = core.setValue(
      LoadFailure(error: error, kind: kind, count: count, end: end), forKey: key, hash: hash,
      heapByteCount: heapByteCount, timeToLive: delay < .longestNamed / 2 ? delay * 2 : nil,
      removedEntries: &departed)
  }

  /// Lets a key be loaded at once.
  func clearFailure(_ key: Key, hash: UInt32) {
    let slot = core.find(key, hash: hash)
    if slot != 0 { clearFailure(slot) }
  }

  /// Lets all keys be loaded at once whose loads failed with errors of some classes.
  ///
  /// - Complexity: O(*n*) in the number of failures.
  func clearFailures(where isMeant: (LoadErrorClass) -> Bool) {
    for slot in core.table.ringSlots where isMeant(core.entries[Int(slot)].value.kind) {
      clearFailure(slot)
    }
  }

  private func clearFailure(_ slot: Slot) {
    // The error must not be destroyed here, under the lock: it stays until its time is over.
    core.entries[Int(slot)].value.end = 0
    core.entries[Int(slot)].value.count = 0
  }
}
