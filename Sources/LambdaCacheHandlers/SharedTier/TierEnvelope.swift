/// The header before each value in a ``SharedTier``: whose value it is, and how long it is right.
///
/// All numbers are stored with their lowest byte first:
///
/// | bytes | contents |
/// |---|---|
/// | 0, 1 | A byte that no text begins with, and the version of the format. |
/// | 2 | 1 for "there is no value", otherwise 0. |
/// | 3 | 0. |
/// | 4…5 | The number of tags. |
/// | 6, 7 | 0. |
/// | 8…15 | The checksum of the key, of all other bytes of the header and of the value. |
/// | 16…23 | The hash of build and type. |
/// | 24…47 | Created, fresh until, gone after: milliseconds since 1970. |
/// | 48…55 | How long the load took, in microseconds. |
/// | 56… | For each tag the hash of its name and its generation, 16 bytes. |
///
/// The key is in the checksum, but not in the header: an answer that belongs to another request
/// must not pass for this one's.
struct TierEnvelope: Hashable, Sendable {
  /// A tag that the value had when its load began.
  struct TagMark: Hashable, Sendable {
    /// The hash of its name.
    var name: UInt64
    var generation: UInt64
  }

  /// Why bytes are no envelope that can be used.
  enum Fault: Error {
    /// They are not what was written.
    case damaged
    /// They were written in another format.
    case foreign
  }

  /// Says in the place of a value that there is none.
  var isAbsent = false
  /// The hash of the build that wrote it and of the value's type.
  var build: UInt64
  /// The server's time before the load began.
  var created: Int64
  var freshUntil: Int64
  /// The end of the stale window.
  var goneUntil: Int64
  var loadMicroseconds: Int64
  var tags: [TagMark] = []

  private static var marker: UInt8 { 0xCA }
  private static var version: UInt8 { 1 }
  private static var fixedByteCount: Int { 56 }
  private static var byteCountOfTag: Int { 16 }

  /// The tags that a value may have.
  static var tagLimit: Int { Int(UInt16.max) }

  /// Puts the header before a value.
  ///
  /// - Parameters:
  ///   - payload: The value; empty if there is none.
  ///   - key: Its name.
  func encoded(before payload: [UInt8], of key: TierKey) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(
      Self.fixedByteCount + tags.count * Self.byteCountOfTag + payload.count)
    bytes += [Self.marker, Self.version, isAbsent ? 1 : 0, 0]
    bytes += [UInt8(truncatingIfNeeded: tags.count), UInt8(truncatingIfNeeded: tags.count >> 8)]
    bytes += [UInt8](repeating: 0, count: 10)
    bytes.append(lowestFirst: build)
    for time in [created, freshUntil, goneUntil, loadMicroseconds] {
      bytes.append(lowestFirst: UInt64(bitPattern: time))
    }
    for tag in tags {
      bytes.append(lowestFirst: tag.name)
      bytes.append(lowestFirst: tag.generation)
    }
    bytes += payload
    let checksum = Self.checksum(of: bytes, key: key)
    for place in 0..<8 { bytes[8 + place] = UInt8(truncatingIfNeeded: checksum >> (8 * place)) }
    return bytes
  }

  /// Reads a header.
  ///
  /// - Parameters:
  ///   - bytes: The bytes of header and value.
  ///   - key: The name that they were found under.
  /// - Returns: The header, and the value behind it.
  /// - Throws: ``Fault``.
  static func decode(
    _ bytes: [UInt8], of key: TierKey
  ) throws(Fault) -> (envelope: TierEnvelope, payload: ArraySlice<UInt8>) {
    guard bytes.count >= 2 else { throw .damaged }
    guard bytes[0] == marker, bytes[1] == version else { throw .foreign }
    guard bytes.count >= fixedByteCount,
      bytes.integer(at: 8) == checksum(of: bytes, key: key)
    else { throw .damaged }
    let tagCount = Int(bytes[4]) | Int(bytes[5]) << 8
    let end = fixedByteCount + tagCount * byteCountOfTag
    guard bytes.count >= end else { throw .damaged }
    var envelope = TierEnvelope(
      isAbsent: bytes[2] == 1, build: bytes.integer(at: 16),
      created: Int64(bitPattern: bytes.integer(at: 24)),
      freshUntil: Int64(bitPattern: bytes.integer(at: 32)),
      goneUntil: Int64(bitPattern: bytes.integer(at: 40)),
      loadMicroseconds: Int64(bitPattern: bytes.integer(at: 48)))
    guard envelope.created >= 0, envelope.created <= envelope.freshUntil,
      envelope.freshUntil <= envelope.goneUntil, envelope.loadMicroseconds >= 0
    else { throw .damaged }
    envelope.tags = stride(from: fixedByteCount, to: end, by: byteCountOfTag).map {
      TagMark(name: bytes.integer(at: $0), generation: bytes.integer(at: $0 + 8))
    }
    return (envelope, bytes[end...])
  }

  /// The checksum of key, header and value: FNV-1a in 64 bits.
  private static func checksum(of bytes: [UInt8], key: TierKey) -> UInt64 {
    var hash = TierHash()
    hash.add(UInt64(key.bytes.count))
    hash.add(key.bytes)
    hash.add(bytes[..<8])
    hash.add(bytes[16...])
    return hash.value
  }
}

/// FNV-1a in 64 bits (Fowler, Noll and Vo): a hash that is the same in every process.
struct TierHash {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  init() {}

  /// The hash of a text.
  init(of text: some StringProtocol) {
    add(text.utf8)
  }

  mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
  }

  mutating func add(_ number: UInt64) {
    for place in 0..<8 { add(CollectionOfOne(UInt8(truncatingIfNeeded: number >> (8 * place)))) }
  }
}

extension [UInt8] {
  fileprivate mutating func append(lowestFirst number: UInt64) {
    for place in 0..<8 { append(UInt8(truncatingIfNeeded: number >> (8 * place))) }
  }

  /// The number in eight bytes, the lowest first.
  fileprivate func integer(at start: Int) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(self[start + $1]) << (8 * $1) }
  }
}
