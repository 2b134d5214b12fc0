import LambdaCache

/// The operations of a cache, on the model.
extension CacheModel {
  /// Expects that an entry left now, before anything else.
  mutating func expect(_ departed: Departed, in witness: inout Witness) {
    switch witness {
    case .told(let all):
      if all.first == departed {
        witness = .told(Array(all.dropFirst()))
      } else {
        violations.append("\(departed) should have left first, but \(all) did")
      }
    case .remaining(let serials):
      if serials.contains(departed.serial) { violations.append("\(departed) should have left") }
    }
  }

  mutating func read(_ key: Int, at reading: Int, witness: inout Witness) -> Int? {
    note(reading)
    reclaim(&witness)
    guard let index = index(of: key), !isExpired(entries[index]) else {
      statistics.misses += 1
      return nil
    }
    statistics.hits += 1
    moveToFront(index)
    return entries[0].serial
  }

  func peek(_ key: Int, at reading: Int) -> Int? {
    guard let index = index(of: key), !isExpired(entries[index], at: reading) else { return nil }
    return entries[index].serial
  }

  mutating func set(
    _ key: Int, serial: Int, size: Int, keySize: Int, timeToLive: Duration?,
    witness: inout Witness
  ) -> InsertionOutcome {
    let size = CacheModel.sum(keySize, size)
    reclaim(&witness, sparing: key)
    let found = index(of: key)
    guard let deadline = deadline(for: timeToLive), admits(size) else {
      statistics.rejections += 1
      if let found { expect(remove(at: found, cause: removalCause(at: found)), in: &witness) }
      return .rejected
    }
    let entry = Entry(
      key: key, serial: serial, size: size, keySize: keySize, deadline: deadline)
    let isRoomy = isRoomy(adding: size)
    if let found, !isExpired(entries[found]) {
      expect(replace(at: found, with: entry), in: &witness)
      statistics.replacements += 1
      expectVictims(evict(&witness, protected: key), leaving: 0, isRoomy: isRoomy)
      return .replaced
    }
    if let found { expect(remove(at: found, cause: .expired), in: &witness) }
    let queued = deadline.map(goesToQueue)
    let hasLeft = isAdaptive && hasLeft(entry, in: &witness)
    let victims = evict(&witness)
    statistics.insertions += 1
    if hasLeft {
      statistics.removals.size += 1
      expectVictims(victims, leaving: 0, isRoomy: false)
      return .inserted
    }
    expectVictims(victims, leaving: 1, isRoomy: isRoomy)
    // Entries may have been evicted before the new one got its deadline, or after.
    let isAmbiguous = deadline.map(goesToQueue) != queued
    insert(entry)
    schedule(entry)
    if isAmbiguous { noteDisorder() }
    return .inserted
  }

  /// Whether an entry that has just come has left at once for its size.
  private func hasLeft(_ entry: Entry, in witness: inout Witness) -> Bool {
    switch witness {
    case .told(let departed):
      guard departed.last == Departed(key: entry.key, serial: entry.serial, cause: .size) else {
        return false
      }
      witness = .told(departed.dropLast())
      return true
    case .remaining(let serials):
      return !serials.contains(entry.serial)
    }
  }

  mutating func removeValue(_ key: Int, witness: inout Witness) -> Int? {
    reclaim(&witness, sparing: key)
    guard let found = index(of: key) else { return nil }
    let cause = removalCause(at: found)
    let departed = remove(at: found, cause: cause)
    expect(departed, in: &witness)
    return cause == .expired ? nil : departed.serial
  }

  mutating func removeAll(keepingCapacity: Bool, witness: inout Witness) {
    while let last = entries.indices.last {
      let departed = remove(at: last, cause: removalCause(at: last))
      expect(departed, in: &witness)
    }
    if !keepingCapacity { reset() }
  }

  /// Removes, coldest first, what has expired and all values whose serial numbers are multiples.
  mutating func removeAll(multiplesOf divisor: Int, witness: inout Witness) {
    for index in entries.indices.reversed() {
      let isExpired = isExpired(entries[index])
      guard isExpired || entries[index].serial.isMultiple(of: divisor) else { continue }
      expect(remove(at: index, cause: isExpired ? .expired : .explicit), in: &witness)
    }
  }

  /// Limits were changed.
  mutating func trim(witness: inout Witness) {
    let most = ((entryByteLimit ?? .max - 15) + 15) / 16
    for index in entries.indices.reversed() where (entries[index].size + 15) / 16 > most {
      let cause = isExpired(entries[index]) ? RemovalCause.expired : .size
      expect(remove(at: index, cause: cause), in: &witness)
    }
    let isRoomy = isRoomy(adding: 0)
    expectVictims(evict(&witness), leaving: 0, isRoomy: isRoomy)
  }

  private func removalCause(at index: Int) -> RemovalCause {
    isExpired(entries[index]) ? .expired : .explicit
  }

  private func admits(_ size: Int) -> Bool {
    // Sizes are kept in 32 bits of 16 bytes each.
    let largest = (64 << 30) - 32
    guard entryLimit != 0, size <= min(entryByteLimit ?? .max, largest) else { return false }
    let charged = (size + 15) / 16 * 16
    return charged
      + CacheModel.leastByteCount(byteLimit: byteLimit, slotByteCount: slotByteCount) <= byteLimit
  }

  /// The bytes of an entry alone in a cache, without its heap: two slots, the least index of
  /// 32 cells, and a timing wheel if the cache is not too small to have one.
  static func leastByteCount(byteLimit: Int, slotByteCount: Int) -> Int {
    2 * slotByteCount + Allocator.allocationByteCount(forRequest: 32 * 4)
      + (byteLimit < leastByteLimitForWheel ? 0 : Allocator.allocationByteCount(forRequest: 2_048))
  }

  /// Whether the byte limit is so far above all entries that it cannot cost one.
  private func isRoomy(adding size: Int) -> Bool {
    let heap = entries.reduce(size + 15) { $0 + $1.size + 15 }
    return heap + (keyCount + 2) * slotByteCount + (keyCount + 16) * 64 + 4_096
      <= byteLimit - (isAdaptive ? byteLimit / 8 : 0)
  }

  /// Checks the number of victims against the entry limit, when they have left.
  private mutating func expectVictims(_ victims: Int, leaving room: Int, isRoomy: Bool) {
    guard let entryLimit else {
      if victims > 0, isRoomy { violations.append("\(victims) entries had to go for no reason") }
      return
    }
    let count = entries.count + room
    if count > entryLimit {
      violations.append("\(entries.count) entries are left, the limit is \(entryLimit)")
    }
    if victims > 0, isRoomy, count < entryLimit {
      violations.append("\(victims) entries had to go, \(entryLimit - count) of them for no reason")
    }
  }
}
