/// Look-ups.
extension CacheCore {
  /// The slot of a key in a cache without deadlines, made the most recently used and counted as a
  /// hit; else 0 and a miss.
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

  /// ``hit(_:hash:)`` in a cache with deadlines.
  ///
  /// An expired entry is a miss and stays where it is: it is due, so one of the next operations
  /// reclaims it.
  @inlinable @inline(__always)
  package mutating func timedHit(_ key: Key, hash: UInt32, now: Tick) -> Slot {
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
  /// - Parameter reading: What an injected clock says.
  @inlinable
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
