import TestSupport
import Testing

@testable import LambdaCacheValkey

@Suite("A parser of replies, fuzzed", .timeLimit(.minutes(10)))
struct RESPParserFuzzTests {
  @Test("A parser of replies finds what was written, wherever it is split")
  func valid() {
    let seed = FuzzEnvironment.seed &+ 40
    var random = SplitMix64(seed: seed)
    for step in 0..<FuzzEnvironment.iterations(orElse: 500) {
      let values = (0..<random.number(1...4)).map { _ in Self.value(depth: 0, using: &random) }
      let bytes = values.flatMap(\.encoded)
      let offsets = Self.splits(of: bytes.count, using: &random)
      let outcome = ParserOutcome(of: bytes, splitAt: offsets)
      guard outcome == .replies(values, isWithinReply: false) else {
        Issue.record("seed \(seed), step \(step), splits \(offsets): \(values), \(outcome)")
        return
      }
    }
  }

  @Test("A parser of replies makes the same of damaged bytes, wherever they are split")
  func damaged() {
    let seed = FuzzEnvironment.seed &+ 41
    var random = SplitMix64(seed: seed)
    let limits = RESPLimits(
      lineByteCount: 40, textByteCount: 60, replyByteCount: 150, valueCount: 12, depth: 3)
    var tally = (replies: 0, partial: 0, faults: 0)
    let iterations = FuzzEnvironment.iterations(orElse: 2000)
    for step in 0..<iterations {
      var bytes = (0..<random.number(1...3))
        .flatMap { _ in Self.value(depth: 0, using: &random).encoded }
      for _ in 0..<random.number(1...3) {
        bytes.damage(inserting: Array("\r\n$*%:-10".utf8), using: &random)
      }
      let whole = ParserOutcome(of: bytes, limits: limits)
      for offsets in [Self.splits(of: bytes.count, using: &random), Array(bytes.indices)] {
        let split = ParserOutcome(of: bytes, splitAt: offsets, limits: limits)
        guard split == whole else {
          Issue.record("seed \(seed), step \(step), splits \(offsets): \(whole), \(split)")
          return
        }
      }
      switch whole {
      case .replies(_, isWithinReply: false): tally.replies += 1
      case .replies: tally.partial += 1
      case .fault: tally.faults += 1
      }
    }
    // Damage that always or never mattered would test nothing.
    #expect(min(tally.replies, tally.partial, tally.faults) >= iterations / 60)
  }

  private static func splits(of count: Int, using random: inout SplitMix64) -> [Int] {
    (0..<random.number(0...12)).map { _ in random.number(0...count) }.sorted()
  }

  private static func value(depth: Int, using random: inout SplitMix64) -> RESPValue {
    func text(_ random: inout SplitMix64) -> [UInt8] {
      random.bytes(0...30, of: Array("abc:$*-1 ".utf8))
    }
    func values(_ count: Int, _ random: inout SplitMix64) -> [RESPValue] {
      (0..<count).map { _ in value(depth: depth + 1, using: &random) }
    }
    switch random.number(0...(depth < 3 ? 10 : 7)) {
    case 0: return .status(text(&random))
    case 1: return .error(text(&random))
    case 2: return .integer(random.number(-1000...1000))
    case 3, 4: return .bytes(random.bytes(0...60, of: [0, 10, 13, 36, 255]))
    case 5: return .null
    case 6: return .boolean(random.oneIn(2))
    case 7: return .number(Array("3.25".utf8))
    case 8: return .array(values(random.number(0...4), &random))
    case 9: return .map(values(2 * random.number(0...2), &random))
    default: return .push(values(random.number(0...3), &random))
    }
  }
}

extension RESPValue {
  /// The value as a server writes it.
  var encoded: [UInt8] {
    func aggregate(_ type: String, _ count: Int, _ elements: [RESPValue]) -> [UInt8] {
      Array("\(type)\(count)\r\n".utf8) + elements.flatMap(\.encoded)
    }
    func line(_ type: String, _ bytes: [UInt8]) -> [UInt8] {
      Array(type.utf8) + bytes + [13, 10]
    }
    switch self {
    case .status(let bytes): return line("+", bytes)
    case .error(let bytes): return line("-", bytes)
    case .integer(let number): return Array(":\(number)\r\n".utf8)
    case .bytes(let bytes): return Array("$\(bytes.count)\r\n".utf8) + bytes + [13, 10]
    case .number(let bytes): return line(",", bytes)
    case .boolean(let value): return Array("#\(value ? "t" : "f")\r\n".utf8)
    case .null: return Array("_\r\n".utf8)
    case .array(let elements): return aggregate("*", elements.count, elements)
    case .map(let elements): return aggregate("%", elements.count / 2, elements)
    case .push(let elements): return aggregate(">", elements.count, elements)
    }
  }
}
