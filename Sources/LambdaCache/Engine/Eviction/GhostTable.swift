/// The keys that left the small queue lately, as tags of 16 bits in buckets of eight.
///
/// Within a bucket the oldest tag is replaced. Two keys may have the same tag in the same bucket,
/// about one in eight thousand: then a new entry gets into the main queue that should not.
struct GhostTable {
  private static let bucketSize = 8

  private var tags: UnsafeMutablePointer<UInt16>?
  private var bucketCount: UInt32 = 0

  /// The tags that there is place for.
  var capacity: Int { Int(bucketCount) * Self.bucketSize }

  /// Bytes in use.
  var byteCount: Int { Self.byteCount(forCapacity: capacity) }

  /// The bytes of a table for at least so many tags.
  static func byteCount(forCapacity capacity: Int) -> Int {
    guard capacity > 0 else { return 0 }
    let buckets = (capacity + bucketSize - 1) / bucketSize
    return Allocator.allocationByteCount(
      forRequest: buckets * bucketSize * MemoryLayout<UInt16>.stride)
  }

  /// Forgets all tags and takes memory for another number of them; 0 for none.
  mutating func resize(toCapacity capacity: Int) {
    tags?.deallocate()
    tags = nil
    bucketCount = UInt32(clamping: (capacity + Self.bucketSize - 1) / Self.bucketSize)
    guard bucketCount > 0 else { return }
    let tags = UnsafeMutablePointer<UInt16>.allocate(capacity: self.capacity)
    tags.initialize(repeating: 0, count: self.capacity)
    self.tags = tags
  }

  /// The bucket and the tag of a hash.
  ///
  /// It is mixed once more, because all keys of a sample have hashes that end alike.
  @inline(__always)
  private func place(of hash: UInt32) -> (offset: Int, tag: UInt16) {
    let mixed = UInt64(hash) &* 0x9E37_79B9_7F4A_7C15
    let bucket = ((mixed >> 32) &* UInt64(bucketCount)) >> 32
    return (Int(bucket) * Self.bucketSize, UInt16(truncatingIfNeeded: mixed >> 16) | 1)
  }

  /// The bucket at an offset: its tags from the newest on, each beginning at the lowest bit that is
  /// not taken yet.
  @inline(__always)
  private func bucket(_ tags: UnsafeMutablePointer<UInt16>, _ offset: Int) -> Bucket {
    UnsafeRawPointer(tags + offset).loadUnaligned(as: Bucket.self)
  }

  @inline(__always)
  private func store(_ bucket: Bucket, _ tags: UnsafeMutablePointer<UInt16>, _ offset: Int) {
    UnsafeMutableRawPointer(tags + offset).storeBytes(of: bucket, as: Bucket.self)
  }

  /// Notes a key that has left.
  @inline(__always)
  func insert(_ hash: UInt32) {
    guard let tags else { return }
    let (offset, tag) = place(of: hash)
    store(bucket(tags, offset).inserting(tag), tags, offset)
  }

  /// Returns whether a key has left lately.
  @inline(__always)
  func contains(_ hash: UInt32) -> Bool {
    guard let tags else { return false }
    let (offset, tag) = place(of: hash)
    return bucket(tags, offset).place(of: tag) != nil
  }

  /// Returns whether a key has left lately, and forgets it.
  func remove(_ hash: UInt32) -> Bool {
    guard let tags else { return false }
    let (offset, tag) = place(of: hash)
    let bucket = bucket(tags, offset)
    guard let place = bucket.place(of: tag) else { return false }
    store(bucket.removing(at: place), tags, offset)
    return true
  }
}

/// Eight tags in the order of their age, the newest in the lowest bits of the first word.
private struct Bucket {
  private var newer: UInt64
  private var older: UInt64

  /// With a tag, without the oldest.
  @inline(__always)
  func inserting(_ tag: UInt16) -> Bucket {
    Bucket(newer: newer << 16 | UInt64(tag), older: older << 16 | newer >> 48)
  }

  /// The place of a tag, from 0; `nil` if it is not there.
  @inline(__always)
  func place(of tag: UInt16) -> Int? {
    let ones: UInt64 = 0x0001_0001_0001_0001
    let tags = ones &* UInt64(tag)
    let (inNewer, inOlder) = (Bucket.zeros(in: newer ^ tags), Bucket.zeros(in: older ^ tags))
    if inNewer | inOlder == 0 { return nil }
    return inNewer != 0
      ? inNewer.trailingZeroBitCount / 16 : 4 &+ inOlder.trailingZeroBitCount / 16
  }

  /// The highest bits of places that are 0; beyond the lowest of them there may be others.
  @inline(__always)
  private static func zeros(in word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0001_0001_0001_0001
    return (word &- ones) & ~word & (ones << 15)
  }

  /// Without the tag in a place.
  func removing(at place: Int) -> Bucket {
    if place >= 4 {
      let kept: UInt64 = 1 << (16 * UInt64(place - 4)) - 1
      return Bucket(newer: newer, older: older & kept | older >> 16 & ~kept)
    }
    let kept: UInt64 = 1 << (16 * UInt64(place)) - 1
    // What is shifted in from the other word belongs into the highest place.
    let shifted = newer >> 16 | older << 48
    return Bucket(newer: newer & kept | shifted & ~kept, older: older >> 16)
  }
}
