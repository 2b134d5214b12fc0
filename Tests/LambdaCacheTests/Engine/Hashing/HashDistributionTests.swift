import LambdaCache
import TestSupport
import Testing

/// The hashes as a table that is filled by them uses them: low bits for places, high bits for
/// fingerprints.
@Suite("Hashes of common keys")
struct HashDistributionTests {
  enum Keys: String, CaseIterable {
    case sequence
    case negativeSequence
    case multiplesOf16
    case multiplesOf4096
    case multiplesOf65536
    case multiplesOf4294967296
    case multiplesOf1000
    case highBytes
    case words
    case commonPrefix
    case commonSuffix
    case commonPrefixAndSuffix
    case longCommonPrefix
    case textOutsideASCII

    /// Whether the standard library hashes them, with secrets that it draws for each process: every
    /// run sees other hashes, so that bounds have to be such as chance does not reach in a billion
    /// runs.
    var isLeftToChance: Bool { self == .textOutsideASCII }

    /// As many hashes of different keys as are asked for.
    func hashes(_ count: Int, _ hasher: KeyHasher) -> [UInt32] {
      (0..<count).map { number in
        switch self {
        case .sequence: hasher.hash(number)
        case .negativeSequence: hasher.hash(-1 - number)
        case .multiplesOf16: hasher.hash(number * 16)
        case .multiplesOf4096: hasher.hash(number * 4096)
        case .multiplesOf65536: hasher.hash(number * 65_536)
        case .multiplesOf4294967296: hasher.hash(number * (1 << 32))
        case .multiplesOf1000: hasher.hash(number * 1000)
        case .highBytes: hasher.hash(UInt64(number) << 48)
        case .words: hasher.hash(UInt32(number))
        case .commonPrefix: hasher.hash("user:\(number)")
        case .commonSuffix: hasher.hash("\(number)@example.com")
        case .commonPrefixAndSuffix: hasher.hash("/v1/users/\(number)/profile.json")
        case .longCommonPrefix:
          hasher.hash("arn:aws:lambda:eu-central-1:123456789012:function:\(number)")
        case .textOutsideASCII: hasher.hash("ключ-\(number)")
        }
      }
    }
  }

  static let seeds: [UInt64] = Array(1...6)

  private static func hasher(seed: UInt64) -> KeyHasher {
    var numbers = SplitMix64(seed: seed)
    return KeyHasher(secret: numbers.next(), multiplier: numbers.next())
  }

  /// Pearson's statistic of a distribution over equally likely buckets, over its degrees of
  /// freedom: about 1 for a random one.
  private static func unevenness(_ buckets: [Int]) -> Double {
    let expected = Double(buckets.reduce(0, +)) / Double(buckets.count)
    let sum = buckets.reduce(0.0) { sum, count in
      sum + (Double(count) - expected) * (Double(count) - expected) / expected
    }
    return sum / Double(buckets.count - 1)
  }

  /// How many hashes have each value of some of their bits, which begin at a place and go round.
  private static func counts(_ hashes: [UInt32], bits: Int, from place: Int) -> [Int] {
    var buckets = [Int](repeating: 0, count: 1 << bits)
    for hash in hashes { buckets[Int(turned(hash, by: place)) & (buckets.count - 1)] += 1 }
    return buckets
  }

  private static func turned(_ hash: UInt32, by place: Int) -> UInt32 {
    hash >> UInt32(place) | hash << UInt32(32 - place)
  }

  @Test(
    "Hashes of common keys are spread evenly over the homes of tables of every shape",
    arguments: Keys.allCases, seeds)
  func homes(keys: Keys, seed: UInt64) {
    let hashes = keys.hashes(4096, Self.hasher(seed: seed))
    for homeCount in [64, 192, 512, 768, 1536, 4096] {
      let shape = CellShape(homeCount: homeCount)
      #expect(shape.homeCount == homeCount)
      var buckets = [Int](repeating: 0, count: homeCount)
      for hash in hashes { buckets[Int(shape.home(of: hash))] += 1 }
      let unevenness = Self.unevenness(buckets)
      #expect(unevenness < (keys.isLeftToChance ? 3 : 2), "\(homeCount) homes")
    }
  }

  @Test(
    "Hashes of common keys are spread evenly by any bits that a fingerprint may take",
    arguments: Keys.allCases, seeds)
  func evenness(keys: Keys, seed: UInt64) {
    let hashes = keys.hashes(4096, Self.hasher(seed: seed))
    for place in [0, 6, 12, 20, 26] {
      for bits in [6, 9, 12] {
        let unevenness = Self.unevenness(Self.counts(hashes, bits: bits, from: place))
        #expect(unevenness < (keys.isLeftToChance ? 3 : 2), "\(bits) bits from \(place)")
      }
    }
  }

  @Test(
    "Hashes of common keys are hardly ever the same for two of them", arguments: Keys.allCases,
    seeds)
  func collisions(keys: Keys, seed: UInt64) {
    let hashes = keys.hashes(16_384, Self.hasher(seed: seed))
    // By chance 0.03 pairs are expected.
    #expect(hashes.count - Set(hashes).count <= (keys.isLeftToChance ? 6 : 2))
  }

  @Test(
    "Hashes of common keys find a key after few places of a table that is seven eighths full",
    arguments: Keys.allCases,
    seeds)
  func probeLengths(keys: Keys, seed: UInt64) {
    let cellCount = 4096
    var isTaken = [Bool](repeating: false, count: cellCount)
    var steps = 0
    let hashes = keys.hashes(cellCount / 8 * 7, Self.hasher(seed: seed))
    for hash in hashes {
      var place = Int(CellShape(homeCount: cellCount).home(of: hash))
      while isTaken[place] {
        steps += 1
        place = (place + 1) & (cellCount - 1)
      }
      isTaken[place] = true
    }
    // Linear probing of random hashes takes (1/(1 - 7/8) - 1)/2 = 3.5 steps (Knuth, volume 3, 6.4);
    // each step more is seen ten times less often, 8 in one of 30,000 tables.
    #expect(Double(steps) / Double(hashes.count) < (keys.isLeftToChance ? 18 : 8))
  }
}
