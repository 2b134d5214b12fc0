import LambdaCacheHandlers

/// The names of items; those of values, leases and tags never meet.
struct ItemNames: Sendable {
  /// The longest name that memcached takes, in bytes.
  static let longest = 250

  private let prefix: [UInt8]

  init(prefix: String) {
    self.prefix = Array(prefix.utf8)
  }

  func value(_ key: TierKey) -> ItemName { name("v", key) }
  func lease(_ key: TierKey) -> ItemName { name("l", key) }
  func tag(_ key: TierKey) -> ItemName { name("t", key) }

  private func name(_ kind: Character, _ key: TierKey) -> ItemName {
    let full = prefix + "\(kind):".utf8 + key.bytes
    if let name = ItemName(full) { return name }
    // Two keys with the same hash would be taken for each other, in 2^64 keys once. Values have a
    // checksum that includes the key, so that this is a miss.
    let hash = NameHash(full)
    let short = Array("\(kind)#\(hash.text)#\(full.count)".utf8)
    return ItemName(short, encodes: false)
  }
}

/// The name of an item as it is sent.
struct ItemName: Sendable {
  let bytes: [UInt8]
  /// Whether it is sent in Base64, because it has bytes that a command cannot have.
  let isEncoded: Bool

  /// - Returns: `nil` if the name is too long.
  init?(_ name: [UInt8]) {
    guard !name.isEmpty, name.count <= ItemNames.longest else { return nil }
    guard name.contains(where: { !(0x21...0x7E).contains($0) }) else {
      self.init(name, encodes: false)
      return
    }
    guard (name.count + 2) / 3 * 4 <= ItemNames.longest else { return nil }
    self.init(name, encodes: true)
  }

  init(_ name: [UInt8], encodes: Bool) {
    bytes = encodes ? Self.base64(name) : name
    isEncoded = encodes
  }

  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  private static func base64(_ bytes: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * (3 - group.count))
      for place in 0..<4 {
        text.append(
          place <= group.count ? digits[Int(bits >> (18 - 6 * place) & 63)] : UInt8(ascii: "="))
      }
    }
    return text
  }
}

/// A hash of 128 bits: FNV-1a over the bytes in order, and over them in reverse.
struct NameHash {
  let text: String

  init(_ bytes: [UInt8]) {
    text = Self.digits(Self.hash(bytes)) + Self.digits(Self.hash(bytes.reversed()))
  }

  private static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return hash
  }

  private static func digits(_ number: UInt64) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}
