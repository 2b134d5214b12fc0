import ArgumentParser
import Foundation
import Testing

@testable import UserLookup

@Suite("Dealing requests to environments")
struct DealerTests {
  private let requests = (0..<16_000).map { UInt32($0) }

  @Test("Each request is dealt to one environment, in its order")
  func partition() {
    var dealer = Dealer(count: 16, seed: 1)
    let hands = dealer.deal(requests)
    #expect(hands.count == 16)
    #expect(hands.allSatisfy { $0 == $0.sorted() })
    #expect(hands.flatMap { $0 }.sorted() == requests)
  }

  @Test("Every environment is dealt about as many requests, and not in turn")
  func spread() {
    var dealer = Dealer(count: 16, seed: 1)
    let hands = dealer.deal(requests)
    #expect(hands.allSatisfy { (800...1200).contains($0.count) })
    #expect(hands[0].indices.dropFirst().contains { hands[0][$0] - hands[0][$0 - 1] != 16 })
  }

  @Test("The same seed deals the same, another one otherwise")
  func seeds() {
    func hands(_ seed: UInt64) -> [[UInt32]] {
      var dealer = Dealer(count: 3, seed: seed)
      return dealer.deal(requests) + dealer.deal(requests)
    }
    #expect(hands(1) == hands(1))
    #expect(hands(1) != hands(2))
    #expect(hands(1)[..<3] != hands(1)[3...])
  }
}

@Suite("A fleet's report")
struct FleetReportTests {
  /// Two environments of a hundred requests each.
  private func fleet(_ mode: FleetMode, reads: Int, digests: [UInt64] = [1, 2]) -> FleetResult {
    FleetResult(
      mode: mode,
      environments: digests.map { digest in
        var latency = LatencyRecorder()
        for _ in 0..<100 { latency.record(1000) }
        return EnvironmentResult(
          requests: 100, databaseReads: reads, digest: digest, latency: latency,
          modelledLatency: latency, peakResidentByteCount: 10 << 20,
          cache: mode == .uncached
            ? nil
            : ProfileCacheStatistics(
              hits: 60, misses: 40, databaseReads: reads, entries: 40, byteCount: 1, byteLimit: 2),
          tier: mode == .tiered
            ? TierCounts(hits: 40 - reads, leaseWaits: 1, failures: 2, skippedCalls: 3) : nil)
      })
  }

  private func report(
    tieredReads: Int = 5, digests: [UInt64] = [1, 2], latency: Int = 2_000_000
  ) -> FleetReport {
    FleetReport(
      fleets: [
        fleet(.uncached, reads: 100), fleet(.cached, reads: 40),
        fleet(.tiered, reads: tieredReads, digests: digests),
      ],
      streamDescription: "a stream", memory: "128 MB", databaseLatency: latency)
  }

  @Test("A fleet's report says what the tier saves of the reads that caches leave")
  func saved() throws {
    #expect(try abs(#require(report().savedByTier) - 0.875) < 1e-9)
    #expect(try #require(report(tieredReads: 40).savedByTier) == 0)
    let lines = report().text.split(separator: "\n").map {
      $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
    }
    #expect(lines.contains("database reads 200 80 10"))
    #expect(lines.contains("less than without cache – 60.0 % 95.0 %"))
    #expect(lines.contains("less than with caches – – 87.5 %"))
    #expect(lines.contains("answered by the tier – – 70 (35.0 %)"))
    #expect(lines.contains("calls of the tier that failed – – 4"))
  }

  @Test("A fleet's report counts the environments that have answered otherwise")
  func wrong() {
    #expect(report().wrongEnvironments == 0)
    #expect(report(digests: [1, 3]).wrongEnvironments == 1)
    #expect(report(digests: [2, 1]).wrongEnvironments == 2)
  }

  @Test("A fleet's report has modelled figures only with a model")
  func model() {
    #expect(report().text.contains("MODELLED: 2.00 ms more"))
    #expect(!report(latency: 0).text.contains("more for each read"))
  }
}

@Suite("The environments on the command line")
struct FleetOptionTests {
  @Test("Environments are from 2 to 256, and a goal is for several of them")
  func accepted() throws {
    #expect(try FleetOptions.parse([]).environments == nil)
    let options = try FleetOptions.parse(["--environments", "16", "--goal", "85"])
    #expect(options.environments == 16 && options.goal == 85)
    for refused in [
      ["--environments", "1"], ["--environments", "257"], ["--goal", "5"],
      ["--tier", "127.0.0.1:1"], ["--environments", "2", "--goal", "101"],
    ] {
      #expect(throws: (any Error).self) { try FleetOptions.parse(refused) }
    }
  }

  @Test("A page is not made of several environments")
  func page() {
    #expect(throws: (any Error).self) {
      try PlayCommand.parse(["--environments", "2", "--html", "x.html"])
    }
  }
}

@Suite("Latencies of several environments")
struct AddedLatencyTests {
  @Test("Histograms that are added count as one that has recorded all of it")
  func added() {
    let durations = (0..<1000).map { $0 * $0 * 977 % 5_000_000 }
    var all = LatencyRecorder()
    var parts = [LatencyRecorder(), LatencyRecorder(), LatencyRecorder()]
    for (index, duration) in durations.enumerated() {
      all.record(duration)
      parts[index % 3].record(duration)
    }
    let sum = parts.reduce(into: LatencyRecorder()) { $0.add($1) }
    #expect(sum.figures == all.figures)
  }

  @Test("A recorder is the same when it was written and read")
  func coded() throws {
    var recorder = LatencyRecorder()
    for duration in [1, 5, 900, 1_000_000_000] { recorder.record(duration) }
    let data = try JSONEncoder().encode(recorder)
    #expect(try JSONDecoder().decode(LatencyRecorder.self, from: data).figures == recorder.figures)
  }
}
