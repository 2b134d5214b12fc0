/// Recomputes every invariant of DESIGN.md, and every byte.
extension CacheCore {
  /// Recomputes all invariants that need no size function.
  ///
  /// - Parameter hash: The hash that a key must have been stored with.
  /// - Returns: The violations, each beginning with the invariant's number; where the slots
  ///   themselves are broken, theirs alone.
  /// - Complexity: O(*n*) in the number of slots and cells, if few keys have equal hashes.
  package func checkInvariants(hash: (Key) -> UInt32) -> [String] {
    let broken = table.checkInvariants()
    guard broken.isEmpty else { return broken }
    let ring = table.ringSlots
    var violations = index.checkInvariants(slots: ring, records: table.records)
    if ring.count != index.count {
      violations.append("S2: the ring has \(ring.count) slots, the index \(index.count)")
    }
    let inUse = Set(ring)
    violations += expiry.checkInvariants(touchedCount: table.touchedCount, isInUse: inUse.contains)
    violations += checkTimes(of: ring)
    violations += auxiliary?.tags?.checkInvariants(isInUse: inUse.contains) ?? []
    violations += checkKeys(of: ring, hash: hash)
    violations += checkLedger(of: ring)
    violations += policy?.pointee.checkInvariants(table) ?? []
    return violations
  }

  /// The keys and values, most recently used first, those included that have expired.
  ///
  /// - Complexity: O(*n*) in the number of entries.
  package var ringEntries: [(key: Key, value: Value)] {
    table.ringSlots.map { (entries[Int($0)].key, entries[Int($0)].value) }
  }

  private func checkKeys(of ring: [Slot], hash: (Key) -> UInt32) -> [String] {
    var violations: [String] = []
    var slotsByHash: [UInt32: [Slot]] = [:]
    for slot in ring {
      let expected = hash(entries[Int(slot)].key)
      if table.records[Int(slot)].hash != expected {
        violations.append(
          "K1: slot \(slot) has hash \(table.records[Int(slot)].hash), its key \(expected)")
      }
      for other in slotsByHash[expected, default: []]
      where entries[Int(other)].key == entries[Int(slot)].key {
        violations.append("K2: slots \(other) and \(slot) hold equal keys")
      }
      slotsByHash[expected, default: []].append(slot)
    }
    return violations
  }

  /// E5 and E6.
  private func checkTimes(of ring: [Slot]) -> [String] {
    guard let aging else { return [] }
    var violations: [String] = []
    var latest = time.writeTime()
    for slot in ring {
      let use = aging.pointee.lastUse(of: slot)
      if use > latest {
        violations.append("E5: slot \(slot) was used at \(use), a warmer one at \(latest)")
      }
      latest = use
      if let write = aging.pointee.lastWrite(of: slot), write > time.writeTime() {
        violations.append("E6: slot \(slot) was written at \(write), now is \(time.writeTime())")
      }
    }
    return violations
  }

  private func checkLedger(of ring: [Slot]) -> [String] {
    var violations: [String] = []
    let granules = ring.reduce(0) { $0 + Int(table.records[Int($1)].heapGranules) }
    let ofPolicy = policy?.pointee.auxiliaryGranules ?? 0
    if granules + ofPolicy != heapGranules {
      violations.append(
        "M1: the entries own \(granules) granules, the policy \(ofPolicy), the ledger says "
          + "\(heapGranules)")
    }
    let bytes = structureByteCount + granules * 16
    if bytes != byteCount {
      violations.append("M1: the cache takes \(bytes) bytes, byteCount is \(byteCount)")
    }
    if byteCount > limits.byteLimit {
      violations.append("M2: \(byteCount) bytes are in use, \(limits.byteLimit) allowed")
    }
    if count > limits.entryLimit {
      violations.append("M2: \(count) entries are in use, \(limits.entryLimit) allowed")
    }
    return violations
  }

  /// Bytes of slots, index and deadlines, from their sizes.
  package var structureByteCount: Int {
    let slotBytes =
      16 + MemoryLayout<CacheEntry<Key, Value>>.stride + (expiry.isActive ? 14 : 0)
      + sideSlotByteCount
    var indexBytes = 0
    if index.shape.homeCount > 0 {
      indexBytes += CellMemory.byteCount(forCells: index.shape.cellCount)
    }
    if index.oldCells != nil {
      indexBytes += CellMemory.byteCount(forCells: index.oldShape.cellCount)
    }
    return table.touchedCount * slotBytes + indexBytes + expiry.wheelByteCount
      + (policy?.pointee.auxiliaryGranules ?? 0) * ByteLedger.granule
  }

  /// The heap bytes of entries, measured again.
  package static func heapByteCount(
    of entries: [(key: Key, value: Value)], measure: ((Key, Value) -> Int)?
  ) -> Int {
    entries.reduce(0) {
      $0 + ByteLedger.chargedByteCount(forByteCount: measure?($1.key, $1.value) ?? 0)
    }
  }
}
