/// Tags: names that several entries share, so that all of them can be removed together.
extension Cache {
  /// Sets the tags of an entry, in the place of those that it has.
  ///
  /// They are usually the result of the cache's `tags` closure; this is for tags that only the
  /// caller knows. Tags last as long as the value: one that replaces it has tags of its own.
  ///
  /// - Parameters:
  ///   - tags: The tags; one that occurs several times counts once.
  ///   - key: The key.
  /// - Returns: Whether the key has a fresh value, and has it still: if there is no room for the
  ///   tags, the entry is removed rather than kept where an invalidation does not reach it.
  /// - Complexity: O(*n*) in the number of tags.
  @discardableResult
  public func setTags(_ tags: [String], forKey key: Key) -> Bool {
    let hash = hasher.hash(key)
    let tags = TagList(tags, isExact: hasExactTags)
    return withState { state, removedEntries in
      let slot = state.core.peek(key, hash: hash, reading: nil).freshSlot
      guard slot != 0 else { return false }
      guard state.mayFit(tags) else {
        state.core.remove(slot, cause: .size, removedEntries: &removedEntries)
        return false
      }
      state.core.noteReplacement(slot)
      return state.apply(tags, to: slot, &removedEntries)
    }
  }

  /// The tags of a key.
  ///
  /// - Parameter key: The key.
  /// - Returns: Its tags, in no particular order; empty if it has none or no fresh value.
  public func tags(forKey key: Key) -> [String] {
    let hash = hasher.hash(key)
    let reading = injectedReading
    return readState { state in
      let slot = state.core.peek(key, hash: hash, reading: reading).freshSlot
      return slot == 0 ? [] : state.core.auxiliary?.tags?.names(of: slot) ?? []
    }
  }

  /// How many tags were looked at until now but for those that calls have named.
  package var tagVisitCount: Int { readState { $0.core.auxiliary?.tags?.visitCount ?? 0 } }

  /// Returns whether an entry has a tag, expired ones that were not reclaimed included.
  package func hasEntries(tagged tag: String) -> Bool {
    let hash = TagNames.hash(tag)
    return readState { $0.core.auxiliary?.tags?.contains(tag, hash: hash) ?? false }
  }

  /// Removes every entry with a tag; loads under way whose results will have it are not stored.
  ///
  /// A key without a value has no tags. So what is remembered of keys that have no value
  /// (``LoadPolicy/negativeTimeToLive``), or none that may be read, is forgotten of all keys.
  ///
  /// <!-- with: cache -->
  /// ```swift
  /// cache.removeAll(tagged: "product:42")
  /// ```
  ///
  /// Many entries are removed in several steps, between which other threads may use the cache; when
  /// the call returns, all are gone that had the tag when it began.
  ///
  /// - Parameter tag: The tag.
  /// - Returns: How many entries were removed.
  /// - Complexity: O(*n*) in the number of entries with the tag.
  @discardableResult
  public func removeAll(tagged tag: String) -> Int {
    let removed = withState { state, _ in
      state.loading?.pointee.machine.supersedeAll(
        tagged: TagName(text: tag, isExact: hasExactTags))
      state.loading?.pointee.forgetAbsence()
      // Under a name of its own: entries that get the tag from now on are not meant.
      return state.core.auxiliary?.tags?.rename(tag)
    }
    guard let removed else { return 0 }
    var count = 0
    while removeSome(tagged: removed, &count) {}
    return count
  }

  /// Removes some of the entries with a tag.
  ///
  /// - Returns: Whether there are more.
  private func removeSome(tagged tag: String, _ count: inout Int) -> Bool {
    withState { state, removedEntries in
      let now = state.core.presentTick()
      for _ in 0..<Self.entriesPerStep {
        guard let slot = state.core.auxiliary?.tags?.firstSlot(tagged: tag), slot != 0 else {
          return false
        }
        let cause = state.core.removalCause(of: slot, now: now, else: .explicit)
        let index = Int(slot)
        state.supersedeLoad(
          of: state.core.entries[index].key, hash: state.core.table.records[index].hash)
        state.core.remove(slot, cause: cause, removedEntries: &removedEntries)
        if cause != .expired { count += 1 }
      }
      return true
    }
  }

  /// The tags that the cache's closure says an entry has, asked before the lock is taken; `nil` in
  /// a cache without such a closure.
  @usableFromInline
  func tagList(of key: Key, _ value: Value) -> TagList? {
    tagging.map { TagList($0(key, value), isExact: hasExactTags) }
  }

}

extension CacheState {
  /// Sets a value and its tags.
  @usableFromInline
  mutating func setTagged(
    _ write: PendingWrite<Key, Value>, _ removedEntries: inout RemovedEntries<Key, Value>
  ) -> InsertionOutcome {
    if let tags = write.tags, !mayFit(tags) {
      // Nothing is linked, and no entry evicted, for tags that have no room in any case.
      core.noteRejection(.tags, heapByteCount: write.heapByteCount)
      core.refuse(write.key, hash: write.hash, removedEntries: &removedEntries)
      return .rejected
    }
    let outcome = core.setValue(
      write.value, forKey: write.key, hash: write.hash, heapByteCount: write.heapByteCount,
      timeToLive: write.timeToLive, removedEntries: &removedEntries)
    // Not by its key, which may not be equal to itself. A policy may have had it leave at once.
    let slot = core.writtenSlot
    guard let tags = write.tags, outcome != .rejected, slot != 0 else { return outcome }
    guard apply(tags, to: slot, &removedEntries) else {
      core.counts.rejections &+= 1
      core.noteRejection(.tags, heapByteCount: write.heapByteCount)
      return .rejected
    }
    return outcome
  }

  /// Whether there may be room for an entry's tags, if everything else goes.
  fileprivate func mayFit(_ tags: TagList) -> Bool {
    tags.leastByteCount <= core.limits.byteLimit + chargedAuxiliaryBytes
  }

  /// Gives an entry that has none its tags, or removes it if there is no room for them.
  ///
  /// Tags have room in the place of the coldest entries and of their tags.
  ///
  /// - Parameters:
  ///   - tags: The tags.
  ///   - slot: Where the entry is, 0 if it has left already.
  /// - Returns: Whether it has them, and is still there.
  fileprivate mutating func apply(
    _ tags: TagList, to slot: Slot, _ removedEntries: inout RemovedEntries<Key, Value>
  ) -> Bool {
    guard slot != 0, !tags.isEmpty else { return slot != 0 }
    let auxiliary = core.openAuxiliary()
    if auxiliary.tags == nil { auxiliary.tags = TagTable(isExact: tags.isExact) }
    auxiliary.tags?.insert(slot, tags)
    auxiliary.followedSlot = slot
    core.keepWrittenEntry(true)
    defer {
      auxiliary.followedSlot = 0
      core.keepWrittenEntry(false)
    }
    // One by one, for with each the table of tags gets smaller as well.
    let now = core.presentTick()
    while core.count > 1, core.isShort(of: auxiliaryGrowth) {
      core.evictOne(now: now, cause: .size, removedEntries: &removedEntries)
    }
    let hasRoom = chargeAuxiliaryBytes(&removedEntries)
    guard !hasRoom, auxiliary.followedSlot != 0 else { return auxiliary.followedSlot != 0 }
    // Nothing has been taken off the limit for what the table has grown by.
    core.remove(auxiliary.followedSlot, cause: .size, removedEntries: &removedEntries)
    return false
  }
}
