/// An entry that room is made for, and the queue that it will be in.
struct Newcomer {
  let byteCount: Int
  /// The octave that it will be in where sizes count.
  let octave: Int
  let queue: EvictionQueue
}

/// What entries count as: their sizes, their load times, and the octaves that follow from both.
extension AdaptivePolicy {
  /// The size of an entry that owns so much on the heap.
  func byteCount(ofGranules granules: UInt32) -> Int {
    slotByteCount &+ Int(granules) &* ByteLedger.granule
  }

  /// The size of an entry for the shadows, which know none of more than 4 GiB.
  func size(ofGranules granules: UInt32) -> UInt32 {
    UInt32(clamping: byteCount(ofGranules: granules))
  }

  /// The load time of an entry.
  @inline(__always)
  func cost(of slot: Slot) -> LoadCost { loadCosts?[slot] ?? .none }

  /// The octave of an entry, whose list it is in where sizes count.
  @inline(__always)
  func octave(of slot: Slot, byteCount: Int) -> Int {
    guard let loadCosts else { return SizeOctave.octave(ofByteCount: byteCount) }
    return SizeOctave.octave(ofByteCount: loadCosts[slot].counted(byteCount))
  }

  /// The octave of an entry that has no slot yet.
  @inline(__always)
  func octave(ofNewcomer byteCount: Int) -> Int {
    guard let loadCosts else { return SizeOctave.octave(ofByteCount: byteCount) }
    return SizeOctave.octave(ofByteCount: loadCosts.cost(replacing: nil).counted(byteCount))
  }

  /// Notes how long the load of the entry took that is about to be written; `nil` if there was
  /// none.
  mutating func expectLoadTime(_ duration: Duration?) { loadCosts?.expect(duration) }

  /// Gives an entry that comes the load time that its own lets expect.
  mutating func noteCost(of slot: Slot, hash: UInt32, replacing old: LoadCost?) {
    loadCosts?.learn(hash: hash)
    if let loadCosts { loadCosts[slot] = loadCosts.cost(replacing: old) }
  }
}
