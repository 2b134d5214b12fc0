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
  private func place(of hash: UInt32) -> (offset: Int, tag: UInt16) {
    let mixed = UInt64(hash) &* 0x9E37_79B9_7F4A_7C15
    let bucket = ((mixed >> 32) &* UInt64(bucketCount)) >> 32
    return (Int(bucket) * Self.bucketSize, UInt16(truncatingIfNeeded: mixed >> 16) | 1)
  }

  /// Notes a key that has left.
  func insert(_ hash: UInt32) {
    guard let tags else { return }
    let (offset, tag) = place(of: hash)
    let bucket = tags + offset
    var place = Self.bucketSize - 1
    while place > 0 {
      bucket[place] = bucket[place - 1]
      place -= 1
    }
    bucket[0] = tag
  }

  /// Returns whether a key has left lately.
  func contains(_ hash: UInt32) -> Bool {
    let (offset, tag) = place(of: hash)
    return find(tag, from: offset) != nil
  }

  /// Returns whether a key has left lately, and forgets it.
  func remove(_ hash: UInt32) -> Bool {
    let (offset, tag) = place(of: hash)
    guard let tags, var place = find(tag, from: offset) else { return false }
    while place < offset + Self.bucketSize - 1 {
      tags[place] = tags[place + 1]
      place += 1
    }
    tags[place] = 0
    return true
  }

  /// The place of a tag in the bucket that begins at an offset.
  private func find(_ tag: UInt16, from offset: Int) -> Int? {
    guard let tags else { return nil }
    var place = offset
    while place < offset + Self.bucketSize {
      if tags[place] == tag { return place }
      place += 1
    }
    return nil
  }
}
