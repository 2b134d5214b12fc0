import Testing
import Workload

@testable import UserLookup

@Suite("The histogram of latencies")
struct LatencyHistogramTests {
  @Test(
    "The histogram of latencies gives quantiles not below the true one and at most 0.8 % above",
    arguments: [0, 1, 7, 12, 20, 40, 50])
  func quantiles(bits: Int) {
    var generator = SplitMix64(seed: UInt64(bits))
    var histogram = LatencyHistogram()
    var durations: [Int] = []
    for _ in 0..<2000 {
      let duration = generator.nextIndex(below: 1 << bits)
      durations.append(duration)
      histogram.record(duration)
    }
    durations.sort()
    for share in [0, 0.25, 0.5, 0.9, 0.99, 1] {
      let rank = max(1, Int((share * 2000).rounded(.up)))
      let exact = durations[rank - 1]
      let read = histogram.quantile(share)
      #expect(read >= exact)
      #expect(Double(read) <= Double(exact) * 1.008)
    }
    #expect(histogram.maximum == durations.last)
    #expect(histogram.sum == durations.reduce(0, +))
    #expect(histogram.count == 2000)
  }

  @Test("The histogram of latencies takes the longest duration there can be")
  func greatest() {
    var histogram = LatencyHistogram()
    histogram.record(.max)
    #expect(histogram.quantile(1) == .max)
  }

  @Test("The histogram of no latencies has quantiles of zero")
  func empty() {
    let histogram = LatencyHistogram()
    #expect(histogram.quantile(0.99) == 0)
    #expect(histogram.maximum == 0)
  }
}

@Suite("The digest of answers")
struct AnswerDigestTests {
  @Test("The digest of answers is the same for the same answers only")
  func differences() {
    let answers: [[UInt8]] = [Array(0..<37), Array(5..<20), [], [1]]
    var variants: [[[UInt8]]] = [answers, answers.reversed(), answers + [[]], answers.dropLast()]
    variants.append([answers[0] + answers[1], [], [], [1]])
    for index in 0..<37 {
      var changed = answers
      changed[0][index] ^= 1
      variants.append(changed)
    }
    let digests = variants.map { digest(of: $0) }
    #expect(Set(digests).count == variants.count)
    #expect(digest(of: answers) == digests[0])
  }

  private func digest(of answers: [[UInt8]]) -> UInt64 {
    var digest = AnswerDigest()
    for answer in answers {
      digest.add(answer)
    }
    return digest.value
  }
}

@Suite("The memory of this process")
struct ProcessMemoryTests {
  @Test("The measured memory of this process reaches at least what has just been touched")
  func peak() throws {
    let byteCount = 64 << 20
    let block = [UInt8](repeating: 1, count: byteCount)
    let resident = try ProcessMemory.residentByteCount()
    let peak = try ProcessMemory.peakResidentByteCount()
    #expect(resident >= block.count && resident <= peak)
    #expect(block.last == 1)
  }
}
