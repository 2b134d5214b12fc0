/// The load times of slots, a column as those of ``SlotTable``.
struct LoadCosts {
  private var base: UnsafeMutablePointer<LoadCost>
  private var reservedByteCount = 0
  /// The load time of the entry that is about to be written; `nil` if it is not known.
  private var coming: LoadCost?
  private(set) var history = LoadHistory()

  init() {
    // Never read or written before `reserve`.
    base = UnsafeMutablePointer(bitPattern: 1)!
  }

  subscript(slot: Slot) -> LoadCost {
    get { base[Int(slot)] }
    nonmutating set { base[Int(slot)] = newValue }
  }

  /// Takes address space for so many slots.
  ///
  /// - Returns: `false` if the system does not grant so much.
  mutating func reserve(slots count: Int, touched: Int) -> Bool {
    history.open()
    var raw = UnsafeMutableRawPointer(base)
    let isReserved = AddressSpace.extend(
      &raw, reserved: &reservedByteCount, to: (count + 1) * MemoryLayout<LoadCost>.stride,
      used: touched * MemoryLayout<LoadCost>.stride)
    if isReserved { base = raw.bindMemory(to: LoadCost.self, capacity: count + 1) }
    return isReserved
  }

  /// Gives the memory of a range of slots back.
  func releaseUntouched(from lower: Int, to upper: Int) {
    if reservedByteCount > 0 { VirtualMemory.discard(in: base, from: lower, to: upper) }
  }

  /// Gives all memory back.
  mutating func release() {
    if reservedByteCount > 0 { VirtualMemory.release(base, byteCount: reservedByteCount) }
    reservedByteCount = 0
    history.release()
  }

  /// Notes how long the load of the entry took that is about to be written; `nil` if there was
  /// none.
  mutating func expect(_ duration: Duration?) { coming = duration.map { LoadCost($0) } }

  /// Learns from the load time of the entry that comes.
  mutating func learn(hash: UInt32) {
    if let coming { history.learn(coming, hash: hash) }
  }

  /// What the entry that comes is worth: the next load time that its own lets expect, else what it
  /// had before, else that of an average load.
  func cost(replacing old: LoadCost?) -> LoadCost {
    coming.map { history.expected(after: $0) } ?? old ?? history.average
  }
}
