/// Entries that no look-up finds: their key is not equal to itself, as a NaN, or was changed since.
extension Cache {
  /// An entry at one time.
  private struct Sighting {
    let slot: Slot
    let hash: UInt32
    let key: Key
    let value: Value
    /// The bits of both, as they lay in the slot.
    let keyBits: EntryBits<Key>
    let valueBits: EntryBits<Value>
  }

  /// Removes every entry that fulfils a condition and that its key does not lead to, be it fresh or
  /// stale.
  ///
  /// They are found by going through all, and removed by their slot, if they are still there. An
  /// entry that has moved meanwhile is looked for again.
  ///
  /// - Parameter shouldRemove: Looks at a key and its value, outside the lock.
  /// - Throws: The error of `shouldRemove`.
  /// - Complexity: O(*n*) in the number of entries; nothing for strings and integers, which are
  ///   always found.
  func removeUnfindable(where shouldRemove: (Key, Value) throws -> Bool) rethrows {
    guard KeyEquality.callsOut(Key.self) else { return }
    var hasMissed = true
    while hasMissed {
      hasMissed = false
      let suspects = unfindableSlots
      for start in stride(from: 0, to: suspects.count, by: Self.unfindablePerStep) {
        let step = suspects[start..<min(start + Self.unfindablePerStep, suspects.count)]
        let (seen, isComplete) = sightings(of: step)
        let meant = try seen.filter {
          try isUnfindable($0.key, hash: $0.hash) && shouldRemove($0.key, $0.value)
        }
        if remove(meant) < meant.count || !isComplete { hasMissed = true }
      }
    }
  }

  /// Entries that are removed at once.
  private static var unfindablePerStep: Int { 256 }

  /// Whether a look-up for a key does not find the entry that has it.
  private func isUnfindable(_ key: Key, hash: UInt32) -> Bool {
    key != key || hasher.hash(key) != hash
  }

  /// The slots whose entries cannot be found, or could not be at one time.
  private var unfindableSlots: [(slot: Slot, hash: UInt32)] {
    let entries = readState { state in
      state.core.table.ringSlots.map { slot in
        (
          slot: slot, hash: state.core.table.records[Int(slot)].hash,
          key: state.core.entries[Int(slot)].key
        )
      }
    }
    return entries.filter { isUnfindable($0.key, hash: $0.hash) }.map { ($0.slot, $0.hash) }
  }

  /// The entries in some slots that may still be served, and whether each slot holds the expected
  /// one.
  private func sightings(
    of slots: ArraySlice<(slot: Slot, hash: UInt32)>
  ) -> (seen: [Sighting], isComplete: Bool) {
    withState { state, _ in
      let now = state.core.presentTick()
      var isComplete = true
      let seen: [Sighting] = slots.compactMap { slot, hash in
        guard state.core.holds(slot, hash: hash) else {
          isComplete = false
          return nil
        }
        guard !state.core.usesTime || state.core.ends(of: slot).end > now else { return nil }
        let entry = state.core.entries + Int(slot)
        return Sighting(
          slot: slot, hash: hash, key: entry.pointee.key, value: entry.pointee.value,
          keyBits: withUnsafeMutablePointer(to: &entry.pointee.key) { EntryBits($0) },
          valueBits: state.core.bits(in: slot))
      }
      return (seen, isComplete)
    }
  }

  /// Removes entries that are still where they were seen.
  ///
  /// - Returns: How many.
  private func remove(_ sightings: [Sighting]) -> Int {
    withState { state, removedEntries in
      let now = state.core.presentTick()
      // No entry moves between slots before all are gone.
      var count = 0
      for seen in sightings where state.core.holds(seen.slot, hash: seen.hash) {
        let entry = state.core.entries + Int(seen.slot)
        let keyBits = withUnsafeMutablePointer(to: &entry.pointee.key) { EntryBits($0) }
        guard keyBits == seen.keyBits, state.core.bits(in: seen.slot) == seen.valueBits else {
          continue
        }
        let cause = state.core.removalCause(of: seen.slot, now: now, else: .explicit)
        state.core.removeWithoutThinning(
          seen.slot, cause: cause, removedEntries: &removedEntries)
        count += 1
      }
      for _ in 0..<count where state.core.table.isSparse { state.core.thin() }
      return count
    }
  }
}

extension CacheCore {
  /// Whether a slot holds an entry with a hash.
  fileprivate func holds(_ slot: Slot, hash: UInt32) -> Bool {
    slot <= table.highWater && !table.isFree(slot) && table.records[Int(slot)].hash == hash
  }
}

extension Cache {
  /// Removes all keys that fulfil a condition, with all that is kept of them: values fresh and
  /// stale, loads under way, and what is remembered of failures.
  ///
  /// - Parameter isMeant: Looks at a key, outside of the lock.
  /// - Complexity: O(*n*) in the number of entries.
  package func removeAll(whereKey isMeant: (Key) -> Bool) {
    let (keys, loads, refreshes, failed) = withLoading { loading, core in
      (
        core.ringEntries.map(\.key), loading.machine.loads.nodes, loading.machine.refreshes.nodes,
        loading.failures?.keys ?? []
      )
    }
    removeUnfindable { key, _ in isMeant(key) }
    let loading = loads.map { unsafeDowncast($0, to: KeyedLoad<Key, Value>.self).key }
    for key in loading where isMeant(key) { removeValue(forKey: key) }
    for key in refreshes.map(self.key(of:)) where isMeant(key) { removeValue(forKey: key) }
    for key in failed where isMeant(key) { removeValue(forKey: key) }
    for key in keys where isMeant(key) { removeValue(forKey: key) }
  }
}
