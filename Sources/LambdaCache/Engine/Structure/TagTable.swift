/// Which entries have which tags, by slot number; each tag's entries and each entry's tags are
/// lists in one array.
///
/// There are no gaps in its arrays: what is last takes the place of what goes. They grow and shrink
/// by pages, so that the work and the bytes of an operation are those of the tags that it names,
/// and never those of all there are.
@usableFromInline
package struct TagTable {
  /// That an entry has a tag; 0 names none.
  private struct Membership {
    var slot: Slot = 0
    var tag: UInt32 = 0
    var nextOfTag: UInt32 = 0
    var previousOfTag: UInt32 = 0
    var nextOfSlot: UInt32 = 0
    var previousOfSlot: UInt32 = 0
  }

  private var tags: TagNames
  private var memberships = PagedArray(blank: Membership())
  /// The first membership of each slot, 0 for none.
  private var firstOfSlot = SparseColumn()
  /// Tags that were renamed.
  private var renameCount = 0
  /// Whether it has freed memory that is still taken off the cache's limit.
  var hasShrunk = false

  /// - Parameter isExact: Whether tags are equal only if they have the same bytes in UTF-8.
  init(isExact: Bool) {
    tags = TagNames(isExact: isExact)
  }

  /// Bytes in use.
  var byteCount: Int { structureByteCount + tags.nameByteCount }

  /// Bytes in use, those of the names recounted.
  var recomputedByteCount: Int { structureByteCount + tags.recomputedNameByteCount }

  private var structureByteCount: Int {
    tags.structureByteCount + firstOfSlot.byteCount + memberships.byteCount
  }

  /// The tags that were visited until now, except for those that operations named.
  var visitCount: Int { tags.visitCount }

  /// The least number of bytes that a tag of an entry takes.
  static func leastByteCount(ofName name: String) -> Int {
    TagNames.leastByteCount(ofName: name) + MemoryLayout<Membership>.stride
  }

  /// Gives a tag a name that no other has and no caller gives.
  ///
  /// - Returns: The name; `nil` if no entry has the tag.
  mutating func rename(_ name: String) -> String? {
    let number = tags.find(name, hash: TagNames.hash(name))
    guard number != 0 else { return nil }
    hasShrunk = true
    renameCount &+= 1
    // Short, so that it owns no memory.
    let unique = "\u{0}" + String(renameCount, radix: 36)
    tags.rename(number, unique)
    return unique
  }

  /// The first entry found with a tag, 0 if there is none.
  func firstSlot(tagged name: String) -> Slot {
    let number = tags.find(name, hash: TagNames.hash(name))
    return number == 0 ? 0 : memberships[tags[number].first].slot
  }

  /// Returns whether an entry has a tag.
  func contains(_ name: String, hash: UInt32) -> Bool { tags.find(name, hash: hash) != 0 }

  /// The tags of an entry.
  func names(of slot: Slot) -> [String] {
    var names: [String] = []
    var next = firstOfSlot[slot]
    while next != 0 {
      names.append(tags[memberships[next].tag].name)
      next = memberships[next].nextOfSlot
    }
    return names
  }

  /// Gives an entry that has none its tags.
  ///
  /// - Complexity: O(*n*) expected in their number.
  mutating func insert(_ slot: Slot, _ list: TagList) {
    for (name, hash) in zip(list.names, list.hashes) {
      let number = tags.find(name, hash: hash)
      insert(slot, number == 0 ? tags.insert(name, hash: hash) : number)
    }
  }

  private mutating func insert(_ slot: Slot, _ tag: UInt32) {
    let (firstOfTag, first) = (tags[tag].first, firstOfSlot[slot])
    let membership = memberships.append(
      Membership(slot: slot, tag: tag, nextOfTag: firstOfTag, nextOfSlot: first))
    if firstOfTag != 0 { memberships[firstOfTag].previousOfTag = membership }
    if first != 0 { memberships[first].previousOfSlot = membership }
    tags[tag].first = membership
    firstOfSlot[slot] = membership
  }

  /// Takes an entry's tags away.
  ///
  /// - Complexity: O(*n*) expected in their number.
  mutating func remove(_ slot: Slot) {
    var first = firstOfSlot[slot]
    guard first != 0 else { return }
    let before = byteCount
    while first != 0 {
      remove(membership: first)
      first = firstOfSlot[slot]
    }
    if byteCount < before { hasShrunk = true }
  }

  private mutating func remove(membership: UInt32) {
    let gone = memberships[membership]
    if gone.previousOfTag != 0 {
      memberships[gone.previousOfTag].nextOfTag = gone.nextOfTag
    } else if gone.nextOfTag != 0 {
      tags[gone.tag].first = gone.nextOfTag
    } else {
      tags.remove(gone.tag)
    }
    if gone.nextOfTag != 0 { memberships[gone.nextOfTag].previousOfTag = gone.previousOfTag }
    if gone.previousOfSlot != 0 {
      memberships[gone.previousOfSlot].nextOfSlot = gone.nextOfSlot
    } else {
      firstOfSlot[gone.slot] = gone.nextOfSlot
    }
    if gone.nextOfSlot != 0 { memberships[gone.nextOfSlot].previousOfSlot = gone.previousOfSlot }
    if membership != memberships.last { moveLast(to: membership) }
    memberships.removeLast()
  }

  private mutating func moveLast(to place: UInt32) {
    let moved = memberships[memberships.last]
    memberships[place] = moved
    if moved.previousOfTag != 0 {
      memberships[moved.previousOfTag].nextOfTag = place
    } else {
      tags[moved.tag].first = place
    }
    if moved.nextOfTag != 0 { memberships[moved.nextOfTag].previousOfTag = place }
    if moved.previousOfSlot != 0 {
      memberships[moved.previousOfSlot].nextOfSlot = place
    } else {
      firstOfSlot[moved.slot] = place
    }
    if moved.nextOfSlot != 0 { memberships[moved.nextOfSlot].previousOfSlot = place }
  }

  /// Follows an entry that has moved from one slot to another.
  mutating func move(from source: Slot, to target: Slot) {
    var next = firstOfSlot[source]
    guard next != 0 else { return }
    firstOfSlot[target] = next
    firstOfSlot[source] = 0
    while next != 0 {
      memberships[next].slot = target
      next = memberships[next].nextOfSlot
    }
  }

  /// Recomputes what must hold of the lists.
  ///
  /// - Parameter isInUse: Whether a slot holds an entry.
  /// - Returns: The violations.
  func checkInvariants(isInUse: (Slot) -> Bool) -> [String] {
    var violations = tags.checkInvariants()
    var seen = 0
    for (slot, first) in firstOfSlot.used {
      if !isInUse(slot) { violations.append("T1: slot \(slot) has tags and no entry") }
      var (next, previous) = (first, UInt32(0))
      while next != 0 {
        seen += 1
        let membership = memberships[next]
        if membership.slot != slot || membership.previousOfSlot != previous {
          violations.append("T2: the list of slot \(slot) is broken")
          break
        }
        (previous, next) = (next, membership.nextOfSlot)
      }
    }
    var listed = 0
    for tag in tags.all {
      var (next, previous) = (tag.first, UInt32(0))
      if next == 0 { violations.append("T3: no entry has the tag \(tag.name)") }
      while next != 0 {
        listed += 1
        let membership = memberships[next]
        if membership.tag != tag.number || membership.previousOfTag != previous {
          violations.append("T2: the list of the tag \(tag.name) is broken")
          break
        }
        (previous, next) = (next, membership.nextOfTag)
      }
    }
    if seen != listed || seen != memberships.count {
      violations.append(
        "T2: entries have \(seen) tags, tags have \(listed) entries, not \(memberships.count)")
    }
    return violations
  }
}
