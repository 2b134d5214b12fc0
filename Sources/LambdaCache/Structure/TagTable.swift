/// Which entries have which tags, by slot number; each tag's entries and each entry's tags are lists in
/// one array.
///
/// Its arrays grow by an eighth, not by doubling: their bytes come off those that the cache has for
/// entries. It shrinks when three quarters of it are unused.
@usableFromInline
package struct TagTable {
  /// That an entry has a tag; 0 names none.
  private struct Membership: HeapSized {
    var slot: Slot = 0
    var tag: UInt32 = 0
    var nextOfTag: UInt32 = 0
    var previousOfTag: UInt32 = 0
    /// The entry's next tag; of a membership that is free, the next one that is.
    var nextOfSlot: UInt32 = 0

    static var isHeapFree: Bool { true }
    var heapByteCount: Int { 0 }
  }

  private struct Tag {
    var name = ""
    /// The first membership; of a tag that is free, the next one that is.
    var first: UInt32 = 0
  }

  /// Numbers of tags by name; 0 is never one.
  private var numbers: [String: UInt32] = [:]
  private var tags: ContiguousArray<Tag> = [Tag()]
  private var freeTag: UInt32 = 0
  private var memberships: ContiguousArray<Membership> = [Membership()]
  private var freeMembership: UInt32 = 0
  /// Memberships that are not free.
  private var membershipCount = 0
  /// The first membership of each slot, 0 for none.
  private var firstOfSlot = SparseColumn()
  private var nameByteCount = 0
  /// Tags that were renamed.
  private var renameCount = 0
  /// Whether it has given memory back that the cache still has taken off its limit.
  var hasShrunk = false

  init() {}

  /// Bytes in use.
  var byteCount: Int { structureByteCount + nameByteCount }

  /// Bytes in use, those of the names counted anew.
  var recomputedByteCount: Int {
    structureByteCount + numbers.keys.reduce(0) { $0 + $1.heapByteCount }
  }

  private var structureByteCount: Int {
    let names =
      numbers.capacity == 0
      ? 0
      : HashTableLayout(capacity: numbers.capacity).byteCount(
        key: String.self, value: UInt32.self)
    return names + firstOfSlot.byteCount + memberships.heapByteCount
      + Allocator.allocationByteCount(forRequest: 32 + tags.capacity * MemoryLayout<Tag>.stride)
  }

  /// What a tag of an entry takes at the least.
  static func leastByteCount(ofName name: String) -> Int {
    name.heapByteCount + MemoryLayout<Membership>.stride + MemoryLayout<Tag>.stride
      + MemoryLayout<String>.stride
  }

  /// Gives a tag a name that no other has and no caller gives.
  ///
  /// - Returns: The name; `nil` if no entry has the tag.
  mutating func rename(_ name: String) -> String? {
    guard let number = numbers.removeValue(forKey: name) else { return nil }
    nameByteCount -= name.heapByteCount
    hasShrunk = true
    renameCount &+= 1
    // Short, so that it owns no memory.
    let unique = "\u{0}" + String(renameCount, radix: 36)
    tags[Int(number)].name = unique
    numbers[unique] = number
    return unique
  }

  /// The first entry found with a tag, 0 if there is none.
  func firstSlot(tagged name: String) -> Slot {
    guard let tag = numbers[name] else { return 0 }
    return memberships[Int(tags[Int(tag)].first)].slot
  }

  /// The tags of an entry.
  func names(of slot: Slot) -> [String] {
    var names: [String] = []
    var next = firstOfSlot[slot]
    while next != 0 {
      names.append(tags[Int(memberships[Int(next)].tag)].name)
      next = memberships[Int(next)].nextOfSlot
    }
    return names
  }

  /// Gives an entry that has none its tags.
  ///
  /// - Complexity: O(*n*) in their number.
  mutating func insert(_ slot: Slot, _ list: TagList) {
    for name in list.names { insert(slot, number(of: name)) }
  }

  private mutating func insert(_ slot: Slot, _ tag: UInt32) {
    let membership = freeOrNewMembership()
    let first = tags[Int(tag)].first
    if first != 0 { memberships[Int(first)].previousOfTag = membership }
    memberships[Int(membership)] = Membership(
      slot: slot, tag: tag, nextOfTag: first, nextOfSlot: firstOfSlot[slot])
    tags[Int(tag)].first = membership
    firstOfSlot[slot] = membership
    membershipCount += 1
  }

  /// Takes an entry's tags away.
  mutating func remove(_ slot: Slot) {
    var next = firstOfSlot[slot]
    guard next != 0 else { return }
    let pageCount = firstOfSlot.pageCount
    firstOfSlot[slot] = 0
    if firstOfSlot.pageCount < pageCount { hasShrunk = true }
    while next != 0 {
      let membership = memberships[Int(next)]
      if membership.previousOfTag == 0 {
        tags[Int(membership.tag)].first = membership.nextOfTag
        if membership.nextOfTag == 0 { free(membership.tag) }
      } else {
        memberships[Int(membership.previousOfTag)].nextOfTag = membership.nextOfTag
      }
      if membership.nextOfTag != 0 {
        memberships[Int(membership.nextOfTag)].previousOfTag = membership.previousOfTag
      }
      memberships[Int(next)] = Membership(nextOfSlot: freeMembership)
      freeMembership = next
      membershipCount -= 1
      next = membership.nextOfSlot
    }
    if memberships.count > 64, membershipCount < memberships.count / 4 { compact() }
  }

  /// Makes the table anew, without what is unused.
  mutating func compact() {
    var compacted = TagTable()
    for (slot, first) in firstOfSlot.used {
      var next = first
      while next != 0 {
        let tag = tags[Int(memberships[Int(next)].tag)]
        compacted.insert(slot, compacted.number(of: tag.name))
        next = memberships[Int(next)].nextOfSlot
      }
    }
    compacted.hasShrunk = true
    compacted.renameCount = renameCount
    self = compacted
  }

  /// Follows an entry that has moved from one slot to another.
  mutating func move(from source: Slot, to target: Slot) {
    var next = firstOfSlot[source]
    guard next != 0 else { return }
    firstOfSlot[target] = next
    firstOfSlot[source] = 0
    while next != 0 {
      memberships[Int(next)].slot = target
      next = memberships[Int(next)].nextOfSlot
    }
  }

  private mutating func number(of name: String) -> UInt32 {
    if let number = numbers[name] { return number }
    let number: UInt32
    if freeTag != 0 {
      number = freeTag
      freeTag = tags[Int(number)].first
      tags[Int(number)] = Tag(name: name)
    } else {
      number = UInt32(tags.count)
      tags.reserveByAnEighth(1)
      tags.append(Tag(name: name))
    }
    numbers[name] = number
    nameByteCount += name.heapByteCount
    return number
  }

  private mutating func free(_ tag: UInt32) {
    let name = tags[Int(tag)].name
    numbers[name] = nil
    nameByteCount -= name.heapByteCount
    if name.heapByteCount > 0 { hasShrunk = true }
    tags[Int(tag)] = Tag(first: freeTag)
    freeTag = tag
  }

  private mutating func freeOrNewMembership() -> UInt32 {
    guard freeMembership != 0 else {
      memberships.reserveByAnEighth(1)
      memberships.append(Membership())
      return UInt32(memberships.count - 1)
    }
    defer { freeMembership = memberships[Int(freeMembership)].nextOfSlot }
    return freeMembership
  }

  /// Recomputes what must hold of the lists.
  ///
  /// - Parameter isInUse: Whether a slot holds an entry.
  /// - Returns: The violations.
  func checkInvariants(isInUse: (Slot) -> Bool) -> [String] {
    var violations: [String] = []
    var seen = 0
    for (slot, first) in firstOfSlot.used {
      if !isInUse(slot) { violations.append("T1: slot \(slot) has tags and no entry") }
      var next = first
      while next != 0 {
        seen += 1
        if memberships[Int(next)].slot != slot {
          violations.append(
            "T2: a tag of slot \(slot) says it is of \(memberships[Int(next)].slot)")
        }
        next = memberships[Int(next)].nextOfSlot
      }
    }
    var listed = 0
    for (name, tag) in numbers {
      var (next, previous) = (tags[Int(tag)].first, UInt32(0))
      if next == 0 { violations.append("T3: no entry has the tag \(name)") }
      while next != 0 {
        listed += 1
        if memberships[Int(next)].tag != tag || memberships[Int(next)].previousOfTag != previous {
          violations.append("T2: the list of the tag \(name) is broken")
          break
        }
        (previous, next) = (next, memberships[Int(next)].nextOfTag)
      }
    }
    if seen != listed || seen != membershipCount {
      violations.append(
        "T2: entries have \(seen) tags, tags have \(listed) entries, not \(membershipCount)")
    }
    return violations
  }
}
