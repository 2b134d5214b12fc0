/// The engine's part in storing loaded values.
extension CacheCore {
  /// Returns whether an entry fits without another one having to leave.
  ///
  /// One that is not admitted at all counts as one that does: nothing leaves for it.
  package mutating func hasRoom(forKey key: Key, hash: UInt32, heapByteCount: Int) -> Bool {
    guard find(key, hash: hash) == 0,
      let granules = admittedGranules(forByteCount: heapByteCount)
    else { return true }
    if hasRoom(forGranules: granules) { return true }
    // Address space for more slots is taken as they are used, which evicts nothing.
    return count < limits.entryLimit && !table.hasRoom && reserveSlots()
      && hasRoom(forGranules: granules)
  }

  /// The time to live that is left to a value that may have been read when its load began.
  ///
  /// A load may have read its value and then have stood still with the process. If the clock was
  /// not read for a second meanwhile, that may be so, and the value is counted as old as the load;
  /// where the cache was in use all the time it is not, however long the load took.
  ///
  /// - Parameters:
  ///   - timeToLive: How long the entry lives; `nil` for the cache's own time to live.
  ///   - began: When the load began; `nil` if nothing expires.
  /// - Returns: The time left; `nil` for the cache's own time to live.
  @usableFromInline
  package mutating func timeLeft(of timeToLive: Duration?, since began: Tick?) -> Duration? {
    guard let age = ageThatCounts(since: began),
      let span = timeToLive.map(Tick.milliseconds(roundingUp:)) ?? lifetime, span < Tick.end
    else { return timeToLive }
    return .milliseconds(Int64(span > age ? span - age : 0))
  }

  /// Counts an entry as written when its load began, if that took so long that it matters.
  @usableFromInline
  package mutating func backdate(_ key: Key, hash: UInt32, to began: Tick?) {
    guard let aging, let began, ageThatCounts(since: began) != nil else { return }
    let slot = find(key, hash: hash)
    guard slot != 0 else { return }
    aging.pointee.noteWrite(slot, now: began, use: time.writeTime())
  }

  private mutating func ageThatCounts(since began: Tick?) -> Tick? {
    guard let began else { return nil }
    let now = time.now()
    return time.thaws.latestPause > began ? now - began : nil
  }
}
