/// Look-ups.
extension CacheCore {
  /// Whether the time of some deadline has come; while it has not, whatever is found is alive, and
  /// its own deadline need not be looked at.
  @inlinable @inline(__always)
  package mutating func isAnythingDue() -> Bool {
    expiry.nextDue != .max && time.now() >= expiry.nextDue
  }

  /// The slot of a key while nothing is due, made the most recently used and counted as a hit; else
  /// 0 and a miss.
  @inlinable @inline(__always)
  package mutating func hit(_ key: Key, hash: UInt32) -> Slot {
    let slot = slot(of: key, hash: hash)
    guard slot != 0 else {
      counts.misses &+= 1
      return 0
    }
    counts.hits &+= 1
    table.moveToFront(slot)
    return slot
  }

  /// ``hit(_:hash:)`` where something may be due, which is reclaimed first, up to a bound.
  ///
  /// An expired entry beyond the bound is a miss and stays where it is: one of the next operations
  /// reclaims it.
  @inlinable
  package mutating func reclaimingHit(
    _ key: Key, hash: UInt32, departures: inout Departures<Key, Value>
  ) -> Slot {
    guard isAnythingDue() else { return hit(key, hash: hash) }
    let now = time.now()
    reclaimExpired(now: now, departures: &departures)
    let slot = slot(of: key, hash: hash)
    guard slot != 0, !isExpired(slot, now: now) else {
      counts.misses &+= 1
      return 0
    }
    counts.hits &+= 1
    table.moveToFront(slot)
    return slot
  }

  /// The slot of a live entry, or 0; changes nothing.
  ///
  /// - Parameter reading: What an injected clock says; `nil` if that has been noted.
  @inlinable @inline(__always)
  package func quietSlot(of key: Key, hash: UInt32, reading: Duration?) -> Slot {
    let slot = slot(of: key, hash: hash)
    guard slot != 0, expiry.isActive else { return slot }
    var time = self.time
    if let reading { time.note(reading) }
    return isExpired(slot, now: time.now()) ? 0 : slot
  }

  @inlinable @inline(__always)
  func isExpired(_ slot: Slot, now: Tick) -> Bool {
    let deadline = expiry.deadline(of: slot)
    return deadline != 0 && deadline <= now
  }
}
