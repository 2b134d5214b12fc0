/// Tags by name: a number for each, which it keeps as long as it exists.
///
/// The table grows by one bucket with one tag more and shrinks by one with one less (linear
/// hashing, Litwin 1980), so no operation has to do with more than a few of its tags, however many
/// there are.
struct TagNames {
  /// A tag.
  struct Tag {
    var name = ""
    var hash: UInt32 = 0
    /// Its own number.
    var number: UInt32 = 0
    /// The first membership.
    var first: UInt32 = 0
    /// The number of the next tag in the same bucket.
    var next: UInt32 = 0
  }

  private static let hasher = KeyHasher()

  /// Whether only the same bytes in UTF-8 are equal; see ``TagName``.
  private let isExact: Bool

  /// Without gaps: the last one takes the place of one that goes.
  private var tags = PagedArray(blank: Tag())
  /// The place of each number; of a number that is free, the next one that is.
  ///
  /// Free ones are kept until no tag is left: 4 bytes for each of the most tags that there were at
  /// once.
  private var places = PagedArray<UInt32>(blank: 0)
  private var freeNumber: UInt32 = 0
  /// The number of the first tag of each bucket.
  private var buckets = PagedArray<UInt32>(blank: 0)
  /// The bytes that the names own on the heap.
  private(set) var nameByteCount = 0
  /// The tags that were visited to find, add or remove one: tests show by it that they are few.
  private(set) var visitCount = 0

  init(isExact: Bool) {
    self.isExact = isExact
  }

  /// How many tags there are.
  var count: Int { tags.count }

  /// Bytes in use, without those of the names.
  var structureByteCount: Int { tags.byteCount + places.byteCount + buckets.byteCount }

  /// The bytes that the names own on the heap, recounted.
  var recomputedNameByteCount: Int { all.reduce(0) { $0 + $1.name.heapByteCount } }

  /// The least number of bytes that a tag takes.
  static func leastByteCount(ofName name: String) -> Int {
    name.heapByteCount + MemoryLayout<Tag>.stride + 2 * MemoryLayout<UInt32>.stride
  }

  /// The hash of a name, to be computed outside of any lock.
  static func hash(_ name: String) -> UInt32 { hasher.hash(name) }

  /// All tags.
  var all: [Tag] { count == 0 ? [] : (1...tags.last).map { tags[$0] } }

  /// The tag with a number.
  subscript(number: UInt32) -> Tag {
    get { tags[places[number]] }
    _modify { yield &tags[places[number]] }
  }

  /// The number of a tag, 0 if there is none of the name.
  ///
  /// - Complexity: O(1) expected.
  func find(_ name: String, hash: UInt32) -> UInt32 {
    guard buckets.count > 0 else { return 0 }
    var number = buckets[Self.bucket(of: hash, of: buckets.last)]
    while number != 0 {
      let tag = self[number]
      if tag.hash == hash, TagName.areEqual(tag.name, name, isExact: isExact) { return number }
      number = tag.next
    }
    return 0
  }

  /// Adds a tag whose name none has.
  ///
  /// - Returns: Its number.
  /// - Complexity: O(1) expected.
  mutating func insert(_ name: String, hash: UInt32) -> UInt32 {
    let number: UInt32
    if freeNumber != 0 {
      number = freeNumber
      freeNumber = places[number]
    } else {
      number = places.append(0)
    }
    places[number] = tags.append(Tag(name: name, hash: hash, number: number))
    nameByteCount += name.heapByteCount
    if tags.count > buckets.count { addBucket() }
    link(number)
    return number
  }

  /// Removes a tag.
  ///
  /// - Complexity: O(1) expected.
  mutating func remove(_ number: UInt32) {
    unlink(number)
    nameByteCount -= self[number].name.heapByteCount
    let place = places[number]
    if place != tags.last {
      tags[place] = tags[tags.last]
      places[tags[place].number] = place
    }
    tags.removeLast()
    guard tags.count > 0 else {
      (places, freeNumber) = (PagedArray(blank: 0), 0)
      buckets = PagedArray(blank: 0)
      return
    }
    if number == places.last {
      places.removeLast()
    } else {
      (places[number], freeNumber) = (freeNumber, number)
    }
    // Two for one, so that they follow.
    for _ in 0..<2 where buckets.count > 2 * tags.count { removeBucket() }
  }

  /// Gives a tag another name, which none has.
  mutating func rename(_ number: UInt32, _ name: String) {
    unlink(number)
    nameByteCount += name.heapByteCount - self[number].name.heapByteCount
    self[number].name = name
    self[number].hash = Self.hash(name)
    link(number)
  }

  // MARK: Buckets

  /// The number of the bucket of a hash, of so many buckets, from 1.
  ///
  /// As many low bits of the hash as name one of them; where they name one that is not there yet,
  /// the bucket that it will be split from.
  private static func bucket(of hash: UInt32, of count: UInt32) -> UInt32 {
    let mask = UInt32.max >> UInt32((count &- 1 | 1).leadingZeroBitCount)
    let bucket = hash & mask
    return (bucket < count ? bucket : bucket & (mask >> 1)) &+ 1
  }

  /// The bucket that the last one is split from, 0 for none.
  private var origin: UInt32 {
    let last = buckets.last &- 1
    return last == 0 ? 0 : (last ^ (1 << UInt32(31 - last.leadingZeroBitCount))) &+ 1
  }

  private mutating func link(_ number: UInt32) {
    let bucket = Self.bucket(of: self[number].hash, of: buckets.last)
    self[number].next = buckets[bucket]
    buckets[bucket] = number
  }

  private mutating func unlink(_ number: UInt32) {
    let bucket = Self.bucket(of: self[number].hash, of: buckets.last)
    let following = self[number].next
    var other = buckets[bucket]
    guard other != number else {
      buckets[bucket] = following
      return
    }
    while self[other].next != number {
      visitCount += 1
      other = self[other].next
    }
    self[other].next = following
  }

  private mutating func addBucket() {
    buckets.append(0)
    if origin != 0 { relink(origin) }
  }

  private mutating func removeBucket() {
    let first = buckets[buckets.last]
    buckets.removeLast()
    relinkChain(first)
  }

  /// Puts the tags of a bucket where they belong now.
  private mutating func relink(_ bucket: UInt32) {
    let first = buckets[bucket]
    buckets[bucket] = 0
    relinkChain(first)
  }

  private mutating func relinkChain(_ first: UInt32) {
    var number = first
    while number != 0 {
      visitCount += 1
      let following = self[number].next
      link(number)
      number = following
    }
  }

  /// Recomputes what must hold.
  ///
  /// - Returns: The violations.
  func checkInvariants() -> [String] {
    var violations: [String] = []
    for tag in all {
      if self[tag.number].number != tag.number || find(tag.name, hash: tag.hash) != tag.number {
        violations.append("T4: the tag \(tag.name) is not found by its name")
      }
    }
    if nameByteCount != recomputedNameByteCount { violations.append("T4: bytes of names drifted") }
    return violations
  }
}
