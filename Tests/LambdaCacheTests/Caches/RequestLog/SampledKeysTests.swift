import Testing

@testable import LambdaCache

@Suite("The bits of a request log's sample")
struct SampledKeysTests {
  private func hash(_ number: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: (number &+ 1) &* 0x9E37_79B9_7F4A_7C15 >> 32)
  }

  @Test("A sample contains every hash that was put in, and few others")
  func others() {
    let keys = SampledKeys(isFull: false)
    defer { keys.deallocate() }
    #expect((0..<1000).allSatisfy { !keys.mayContain(hash($0)) })
    for number: UInt64 in 0..<1000 { keys.insert(hash(number)) }
    #expect((0..<1000).allSatisfy { keys.mayContain(hash($0)) })
    let others = (1000..<101_000).count(where: { keys.mayContain(hash($0)) })
    #expect(others < 500, "\(others) of 100,000 keys outside of the sample")
  }

  @Test("A sample of all keys contains every hash")
  func full() {
    let keys = SampledKeys(isFull: true)
    defer { keys.deallocate() }
    #expect((0..<1000).allSatisfy { keys.mayContain(hash($0)) })
  }
}
