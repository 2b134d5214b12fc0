import Testing

@testable import LambdaCacheRuntime

@Suite("A request parser, fuzzed", .timeLimit(.minutes(15)))
struct HTTPRequestParserFuzzTests {
  /// A request made up at random, and what a parser must find in it.
  private struct Sample {
    var bytes: [UInt8]
    var method: String
    var path: String
    var value: String
    var body: [UInt8]
    var keepsConnection: Bool

    init(using generator: inout SeededGenerator) {
      method = ["GET", "POST", "M-SEARCH", "x"].randomElement(using: &generator)!
      path = ["/", "/invoke", "/a//b", "/%00"].randomElement(using: &generator)!
      value = String(
        (0..<Int.random(in: 1...40, using: &generator)).map { _ in
          "abcXYZ019=;-".randomElement(using: &generator)!
        })
      body = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
        // Bytes that framing is made of, so that a body looks like framing.
        [13, 10, 48, 49, 97, 58, 255].randomElement(using: &generator)!
      }
      let newline = Bool.random(using: &generator) ? "\r\n" : "\n"
      let target = ["", "?q=/x", "?"].randomElement(using: &generator)!
      let origin = Bool.random(using: &generator) ? "" : "http://localhost:7000"
      var head = "\(method) \(origin)\(path)\(target) HTTP/1.1\(newline)X-Value: \(value)\(newline)"
      head += "HOST: localhost\(newline)"
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
        body = []
        bytes = Array((head + newline).utf8)
      }
    }

    func isFound(in request: HTTPServerRequest) -> Bool {
      request.head.method == method && request.head.path == path
        && request.head.firstValue(named: "X-Value") == value && request.body == body
        && request.keepsConnection == keepsConnection
    }
  }

  private static func splits(of count: Int, using generator: inout SeededGenerator) -> [Int] {
    (0..<Int.random(in: 0...12, using: &generator))
      .map { _ in Int.random(in: 0...count, using: &generator) }.sorted()
  }

  @Test("finds in any request what was put into it, wherever it is split")
  func validRequests() {
    let seed = SeededGenerator.environmentSeed &+ 2
    var generator = SeededGenerator(seed: seed)
    for step in 0..<3000 {
      let sample = Sample(using: &generator)
      let splits = Self.splits(of: sample.bytes.count, using: &generator)
      let outcome = HTTPRequestParser.outcome(of: sample.bytes, splitAt: splits)
      guard case .message(let request, 0) = outcome, sample.isFound(in: request) else {
        Issue.record("seed \(seed), step \(step), splits \(splits): \(outcome)")
        return
      }
    }
  }

  @Test("finds all of several requests, one behind the other")
  func pipelinedRequests() {
    let seed = SeededGenerator.environmentSeed &+ 3
    var generator = SeededGenerator(seed: seed)
    for step in 0..<500 {
      let samples = (0..<5).map { _ in Sample(using: &generator) }
      var rest = samples.flatMap(\.bytes)
      for sample in samples {
        let outcome = HTTPRequestParser.outcome(of: rest)
        guard case .message(let request, let surplus) = outcome, sample.isFound(in: request) else {
          Issue.record("seed \(seed), step \(step): \(outcome)")
          return
        }
        rest = rest.suffix(surplus)
      }
      #expect(rest.isEmpty)
    }
  }

  @Test("makes the same of any damaged request, wherever it is split, and never traps")
  func damagedRequests() {
    let seed = SeededGenerator.environmentSeed &+ 4
    var generator = SeededGenerator(seed: seed)
    var tally = (requests: 0, failures: 0, truncations: 0)
    for step in 0..<6000 {
      var bytes = Sample(using: &generator).bytes
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        Damage.inflict(on: &bytes, using: &generator)
      }
      let limits = HTTPLimits(headByteCount: 200, bodyByteCount: 250, chunkLineByteCount: 12)
      let splits = Self.splits(of: bytes.count, using: &generator)
      let whole = HTTPRequestParser.outcome(of: bytes, limits: limits)
      let split = HTTPRequestParser.outcome(of: bytes, splitAt: splits, limits: limits)
      let bytewise = HTTPRequestParser.outcome(
        of: bytes, splitAt: Array(bytes.indices), limits: limits)
      guard split == whole, bytewise == whole else {
        Issue.record(
          "seed \(seed), step \(step), splits \(splits): \(whole), \(split), \(bytewise)")
        return
      }
      switch whole {
      case .message(let request, _):
        tally.requests += 1
        guard request.body.count <= limits.bodyByteCount else {
          Issue.record("seed \(seed), step \(step): a body of \(request.body.count) bytes")
          return
        }
      case .failure: tally.failures += 1
      case .truncated: tally.truncations += 1
      }
    }
    // Damage that always or never mattered would test nothing.
    #expect(min(tally.requests, tally.failures, tally.truncations) > 100)
  }
}
