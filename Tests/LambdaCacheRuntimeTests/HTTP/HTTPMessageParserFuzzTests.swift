import TestSupport
import Testing

@testable import LambdaCacheRuntime

/// The first line of a message, which is all that requests and responses differ in but for messages
/// without framing.
private protocol FuzzedHead: HTTPMessageHead {
  /// Whether a message that does not say how long it is lasts until the connection ends.
  static var lastsUntilTheEnd: Bool { get }

  /// Makes a first line up.
  static func line(
    using generator: inout SplitMix64
  ) -> (text: String, isFound: @Sendable (Self) -> Bool)
}

extension HTTPRequestHead: FuzzedHead {
  fileprivate static var lastsUntilTheEnd: Bool { false }

  fileprivate static func line(
    using generator: inout SplitMix64
  ) -> (text: String, isFound: @Sendable (HTTPRequestHead) -> Bool) {
    let method = ["GET", "POST", "M-SEARCH", "x"].randomElement(using: &generator)!
    let path = ["/", "/invoke", "/a//b", "/%00"].randomElement(using: &generator)!
    let query = ["", "?q=/x", "?"].randomElement(using: &generator)!
    let origin = ["", "http://localhost:7000"].randomElement(using: &generator)!
    return (
      "\(method) \(origin)\(path)\(query) HTTP/1.1", { $0.method == method && $0.path == path }
    )
  }
}

extension HTTPResponseHead: FuzzedHead {
  fileprivate static var lastsUntilTheEnd: Bool { true }

  fileprivate static func line(
    using generator: inout SplitMix64
  ) -> (text: String, isFound: @Sendable (HTTPResponseHead) -> Bool) {
    let status = [200, 202, 400, 403, 413, 500].randomElement(using: &generator)!
    return ("HTTP/1.1 \(status) Reason", { $0.status == status })
  }
}

/// A message made up at random, and what a parser must find in it.
private struct FuzzedMessage<Head: FuzzedHead> {
  let bytes: [UInt8]
  private let isLineFound: @Sendable (Head) -> Bool
  private let value: String
  private let body: [UInt8]
  private let keepsConnection: Bool

  init(using generator: inout SplitMix64) {
    let line = Head.line(using: &generator)
    isLineFound = line.isFound
    value = String(
      decoding: generator.bytes(1...40, of: Array("abcXYZ019=;-".utf8)), as: UTF8.self)
    // Bytes that framing is made of, so that a body looks like framing.
    let body = generator.bytes(0...300, of: [13, 10, 48, 49, 97, 58, 255])
    let newline = Bool.random(using: &generator) ? "\r\n" : "\n"
    let name = ["X-Value", "x-value", "X-VALUE"].randomElement(using: &generator)!
    var head = "\(line.text)\(newline)\(name): \(value)\(newline)HOST: localhost\(newline)"
    let closes = Int.random(in: 0..<4, using: &generator) == 0
    if closes { head += "Connection: close\(newline)" }
    switch Int.random(in: 0..<5, using: &generator) {
    case 0, 1:
      bytes = Array((head + "Content-Length: \(body.count)\(newline)\(newline)").utf8) + body
    case 2, 3:
      let size = Int.random(in: 1...100, using: &generator)
      bytes =
        Array((head + "Transfer-Encoding: chunked\(newline)\(newline)").utf8)
        + Answer.chunked(body, chunkSize: size)
    default:
      self.body = Head.lastsUntilTheEnd ? body : []
      keepsConnection = !closes && !Head.lastsUntilTheEnd
      bytes = Array((head + newline).utf8) + self.body
      return
    }
    self.body = body
    keepsConnection = !closes
  }

  func isFound(in message: HTTPMessage<Head>) -> Bool {
    isLineFound(message.head) && message.head.firstValue(named: "X-Value") == value
      && message.body == body && message.keepsConnection == keepsConnection
  }
}

@Suite("A parser of messages, fuzzed", .timeLimit(.minutes(10)))
struct HTTPMessageParserFuzzTests {
  @Test("A parser of messages finds in any request what was put into it, wherever it is split")
  func validRequests() { findAll(HTTPRequestHead.self, seedOffset: 2) }

  @Test("A parser of messages finds in any response what was put into it, wherever it is split")
  func validResponses() { findAll(HTTPResponseHead.self, seedOffset: 0) }

  @Test("A parser makes the same of any damaged request, wherever it is split, and never traps")
  func damagedRequests() { damage(HTTPRequestHead.self, seedOffset: 4) }

  @Test("A parser makes the same of any damaged response, wherever it is split, and never traps")
  func damagedResponses() { damage(HTTPResponseHead.self, seedOffset: 1) }

  @Test("A parser finds all of several requests, one behind the other")
  func pipelinedRequests() {
    let seed = FuzzEnvironment.seed &+ 3
    var generator = SplitMix64(seed: seed)
    for step in 0..<FuzzEnvironment.iterations(orElse: 100) {
      let samples = (0..<5).map { _ in FuzzedMessage<HTTPRequestHead>(using: &generator) }
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

  private func findAll<Head: FuzzedHead>(_: Head.Type, seedOffset: UInt64) {
    let seed = FuzzEnvironment.seed &+ seedOffset
    var generator = SplitMix64(seed: seed)
    for step in 0..<FuzzEnvironment.iterations(orElse: 500) {
      let sample = FuzzedMessage<Head>(using: &generator)
      let splits = Self.splits(of: sample.bytes.count, using: &generator)
      let outcome = HTTPMessageParser<Head>.outcome(of: sample.bytes, splitAt: splits)
      guard case .message(let message, 0) = outcome, sample.isFound(in: message) else {
        Issue.record("seed \(seed), step \(step), splits \(splits): \(outcome)")
        return
      }
    }
  }

  private func damage<Head: FuzzedHead>(_: Head.Type, seedOffset: UInt64) {
    let seed = FuzzEnvironment.seed &+ seedOffset
    var generator = SplitMix64(seed: seed)
    var tally = (messages: 0, failures: 0, truncations: 0)
    let limits = HTTPLimits(headByteCount: 200, bodyByteCount: 250, chunkLineByteCount: 12)
    let iterations = FuzzEnvironment.iterations(orElse: 1000)
    for step in 0..<iterations {
      var bytes = FuzzedMessage<Head>(using: &generator).bytes
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes.damage(inserting: [13, 10, 32, 58, 48], using: &generator)
      }
      let splits = Self.splits(of: bytes.count, using: &generator)
      let whole = HTTPMessageParser<Head>.outcome(of: bytes, limits: limits)
      // Byte by byte is dear, and says little that the other splits do not.
      for offsets in step % 8 == 0 ? [splits, Array(bytes.indices)] : [splits] {
        let split = HTTPMessageParser<Head>.outcome(of: bytes, splitAt: offsets, limits: limits)
        guard split == whole else {
          Issue.record("seed \(seed), step \(step), splits \(offsets): \(whole), \(split)")
          return
        }
      }
      switch whole {
      case .message(let message, _):
        tally.messages += 1
        guard message.body.count <= limits.bodyByteCount else {
          Issue.record("seed \(seed), step \(step): a body of \(message.body.count) bytes")
          return
        }
      case .failure: tally.failures += 1
      case .truncated: tally.truncations += 1
      }
    }
    // Damage that always or never mattered would test nothing.
    #expect(min(tally.messages, tally.failures, tally.truncations) >= iterations / 60)
  }

  private static func splits(of count: Int, using generator: inout SplitMix64) -> [Int] {
    (0..<Int.random(in: 0...12, using: &generator))
      .map { _ in Int.random(in: 0...count, using: &generator) }.sorted()
  }
}
