/// The meaning of bytes: a configuration, then operations.
extension FuzzInput {
  mutating func configuration() -> CacheFuzzConfiguration {
    CacheFuzzConfiguration(
      keyCount: pick([2, 3, 5, 12, 40, 150]), byteLimit: byteLimit(), entryLimit: entryLimit(),
      entryByteLimit: pick([nil, nil, nil, 0, 64, 1_000]),
      timeToLive: pick([
        nil, nil, nil, .milliseconds(1), .microseconds(1_500), .milliseconds(40), .seconds(3_600),
        .zero, .seconds(Int64.max),
      ]),
      isObserved: byte() % 2 == 0, mixesTimesToLive: true, limitChanges: 1,
      policy: pick([
        .leastRecentlyUsed, .adaptive, .leastRecentlyUsed(watching: true),
        .adaptive(preferring: .bytes), .adaptive(preferring: .time),
      ]))
  }

  mutating func operation(in configuration: CacheFuzzConfiguration) -> CacheFuzzOperation {
    let kind = byte()
    let variant = kind >> 7
    let key = byte() % configuration.keyCount
    switch kind & 127 {
    case 0..<24: return .read(key, variant: variant)
    case 24..<28: return .peek(key, variant: variant)
    case 28..<60:
      return .set(
        key, variant: variant, size: size(in: configuration), timeToLive: timeToLive(),
        passesSize: kind % 2 == 0)
    case 60..<68: return .remove(key, variant: variant)
    case 68..<78: return .update(key, variant: variant, size: newSize(in: configuration))
    case 78: return .update(key, variant: variant, size: 8, isThrowing: true)
    case 79..<83: return .borrow(key, variant: variant)
    case 83..<88:
      return .readOrInsert(key, variant: variant, size: size(in: configuration))
    case 88..<92: return .removeIf(key, variant: variant, multipleOf: byte() % 3 + 1)
    case 92..<94: return .removeAllIf(multipleOf: byte() % 5 + 1)
    case 94: return .removeAll(keepingCapacity: variant == 1)
    case 95..<104: return .advance(microseconds: microseconds())
    case 104..<107: return .stepBack(microseconds: microseconds(), isSeen: variant == 1)
    case 107..<114: return .limitBytes(byteLimit())
    case 114..<119: return .limitEntries(entryLimit())
    case 119..<122: return .limitEntryBytes(pick([nil, 0, 5, 64, 500]))
    default: return .set(key, variant: variant, size: 0, timeToLive: nil, passesSize: true)
    }
  }

  private mutating func newSize(in configuration: CacheFuzzConfiguration) -> Int? {
    let byte = byte()
    return byte == 0 ? nil : size(byte, in: configuration)
  }

  private mutating func size(in configuration: CacheFuzzConfiguration) -> Int {
    size(byte(), in: configuration)
  }

  private func size(_ byte: Int, in configuration: CacheFuzzConfiguration) -> Int {
    let limit = min(configuration.byteLimit, 1 << 40)
    return switch byte {
    case 0..<112: byte
    case 112..<176: (byte - 111) * 60
    // Around what one entry alone may have.
    case 176..<232: max(0, limit - (byte - 176) * 8)
    case 232..<246: limit / (byte - 230)
    default: [1 << 36, 1 << 37, (64 << 30) - 32, Int.max - 16, Int.max - 15, Int.max][byte % 6]
    }
  }

  private mutating func byteLimit() -> Int {
    let byte = byte()
    return switch byte {
    case 0..<64: byte * 8
    case 64..<192: (byte - 60) * 32
    // Around where a cache may have a timing wheel.
    case 192..<208: (16 << 10) + (byte - 200)
    case 208..<240: (byte - 207) * 2_048
    default: [1 << 20, Int.max][byte % 2]
    }
  }

  private mutating func entryLimit() -> Int? {
    let byte = byte()
    return byte < 128 ? nil : byte < 250 ? (byte - 128) % 24 : Int.max
  }

  private mutating func timeToLive() -> Duration? {
    let byte = byte()
    return switch byte {
    case 0..<96: nil
    case 96..<176: .milliseconds(byte - 95)
    case 176..<208: .microseconds((byte - 175) * 311)
    case 208..<224: .seconds((byte - 207) * 4_000)
    case 224..<240: .seconds(31_556_952 * Int64(byte - 223) * 600)
    default: [.zero, .milliseconds(-5), .seconds(Int64.max), .seconds(Int64.min)][byte % 4]
    }
  }

  private mutating func microseconds() -> Int {
    let byte = byte()
    let day = 86_400 * 1_000_000
    return switch byte {
    case 0..<128: byte * 500
    case 128..<160: (byte - 127) * 20_000
    case 160..<192: (byte - 159) * 3_600_000_000
    case 192..<224: (byte - 191) * 11 * day
    default: (byte - 223) * 300 * 365 * day
    }
  }
}

extension CacheFuzzOperation {
  fileprivate static func update(_ key: Int, variant: Int, size: Int?) -> CacheFuzzOperation {
    .update(key, variant: variant, size: size, isThrowing: false)
  }
}
