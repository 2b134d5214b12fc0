import Testing

@testable import LambdaCacheRuntime

@Suite("A response parser, fuzzed", .timeLimit(.minutes(15)))
struct HTTPResponseParserFuzzTests {
  /// A response made up at random, and what a parser must find in it.
  private struct Sample {
    var bytes: [UInt8]
    var status: Int
    var value: String
    var body: [UInt8]
    var keepsConnection: Bool

    init(using generator: inout SeededGenerator) {
      status = [200, 202, 400, 403, 413, 500].randomElement(using: &generator)!
      value = String(
        (0..<Int.random(in: 1...40, using: &generator)).map { _ in
          "abcXYZ019=;-".randomElement(using: &generator)!
        })
      body = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
        // Bytes that framing is made of, so that a body looks like framing.
        [13, 10, 48, 49, 97, 58, 255].randomElement(using: &generator)!
      }
      let newline = Bool.random(using: &generator) ? "\r\n" : "\n"
      let name = ["X-Value", "x-value", "X-VALUE"].randomElement(using: &generator)!
      var head = "HTTP/1.1 \(status) Reason\(newline)\(name): \(value)\(newline)"
      let closes = Int.random(in: 0..<4, using: &generator) == 0
      if closes { head += "Connection: close\(newline)" }
      keepsConnection = !closes
      switch Int.random(in: 0..<5, using: &generator) {
      case 0, 1:
        bytes = Array((head + "Content-Length: \(body.count)\(newline)\(newline)").utf8) + body
      case 2, 3:
        let size = Int.random(in: 1...100, using: &generator)
        bytes =
          Array((head + "Transfer-Encoding: chunked\(newline)\(newline)").utf8)
          + Answer.chunked(body, chunkSize: size)
      default:
        bytes = Array((head + newline).utf8) + body
        keepsConnection = false
      }
    }
  }

  private static func splits(of count: Int, using generator: inout SeededGenerator) -> [Int] {
    (0..<Int.random(in: 0...12, using: &generator))
      .map { _ in Int.random(in: 0...count, using: &generator) }.sorted()
  }

  @Test("finds in any response what was put into it, wherever it is split")
  func validResponses() {
    let seed = SeededGenerator.environmentSeed
    var generator = SeededGenerator(seed: seed)
    for step in 0..<3000 {
      let sample = Sample(using: &generator)
      let splits = Self.splits(of: sample.bytes.count, using: &generator)
      let outcome = HTTPResponseParser.outcome(of: sample.bytes, splitAt: splits)
      guard case .message(let response, 0) = outcome else {
        Issue.record("seed \(seed), step \(step), splits \(splits): \(outcome)")
        return
      }
      let isRight =
        response.status == sample.status && response.body == sample.body
        && response.keepsConnection == sample.keepsConnection
        && response.head.firstValue(named: "X-Value") == sample.value
      guard isRight else {
        Issue.record("seed \(seed), step \(step), splits \(splits): \(response)")
        return
      }
    }
  }

  @Test("makes the same of any damaged response, wherever it is split, and never traps")
  func damagedResponses() {
    let seed = SeededGenerator.environmentSeed &+ 1
    var generator = SeededGenerator(seed: seed)
    var tally = (responses: 0, failures: 0, truncations: 0)
    for step in 0..<6000 {
      var bytes = Sample(using: &generator).bytes
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        Damage.inflict(on: &bytes, using: &generator)
      }
      let limits = HTTPLimits(
        headByteCount: 200, bodyByteCount: 250, chunkLineByteCount: 12)
      let splits = Self.splits(of: bytes.count, using: &generator)
      let whole = HTTPResponseParser.outcome(of: bytes, limits: limits)
      let split = HTTPResponseParser.outcome(of: bytes, splitAt: splits, limits: limits)
      let bytewise = HTTPResponseParser.outcome(
        of: bytes, splitAt: Array(bytes.indices), limits: limits)
      guard split == whole, bytewise == whole else {
        Issue.record(
          "seed \(seed), step \(step), splits \(splits): \(whole), \(split), \(bytewise)")
        return
      }
      switch whole {
      case .message(let response, _):
        tally.responses += 1
        guard response.body.count <= limits.bodyByteCount else {
          Issue.record("seed \(seed), step \(step): a body of \(response.body.count) bytes")
          return
        }
      case .failure: tally.failures += 1
      case .truncated: tally.truncations += 1
      }
    }
    // Damage that always or never mattered would test nothing.
    #expect(min(tally.responses, tally.failures, tally.truncations) > 100)
  }
}
