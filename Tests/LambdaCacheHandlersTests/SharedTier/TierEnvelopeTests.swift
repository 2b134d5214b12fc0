import TestSupport
import Testing

@testable import LambdaCacheHandlers

@Suite("The envelope of a value in a shared tier", .timeLimit(.minutes(15)))
struct TierEnvelopeTests {
  private static let key = TierKey(bytes: [UInt8]("users:v:ada".utf8))
  private static let envelope = TierEnvelope(
    build: 0x0123_4567_89AB_CDEF, created: 1_800_000_000_000, freshUntil: 1_800_000_010_000,
    goneUntil: 1_800_000_015_000, loadMicroseconds: 20_000,
    tags: [TierEnvelope.TagMark(name: 5, generation: 0x0807_0605_0403_0201)])

  @Test("What was put into an envelope comes out of it, whatever it is")
  func roundTrip() throws {
    var random = SplitMix64(seed: FuzzEnvironment.seed)
    for _ in 0..<FuzzEnvironment.iterations(orElse: 300) {
      let created = Int64(random.number(0...1 << 50))
      let fresh = created + Int64(random.number(0...1 << 40))
      let envelope = TierEnvelope(
        isAbsent: random.oneIn(4), build: random.next(), created: created, freshUntil: fresh,
        goneUntil: fresh + Int64(random.number(0...1 << 40)),
        loadMicroseconds: Int64(random.number(0...1 << 40)),
        tags: (0..<random.number(0...3)).map { _ in
          TierEnvelope.TagMark(name: random.next(), generation: random.next())
        })
      let payload = random.bytes(0...100, of: Array(UInt8.min ... .max))
      let key = TierKey(bytes: random.bytes(0...20, of: Array(UInt8.min ... .max)))
      let found = try TierEnvelope.decode(envelope.encoded(before: payload, of: key), of: key)
      #expect(found.envelope == envelope)
      #expect([UInt8](found.payload) == payload)
    }
  }

  @Test("The bytes of an envelope are those of its first version")
  func format() {
    let bytes = Self.envelope.encoded(before: [0x41, 0x42], of: Self.key)
    #expect(bytes.count == 56 + 16 + 2)
    #expect(bytes[..<8] == [0xCA, 1, 0, 0, 1, 0, 0, 0])
    #expect(bytes[16..<24] == [0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01])
    #expect(bytes[48..<56] == [0x20, 0x4E, 0, 0, 0, 0, 0, 0])
    #expect(bytes[64..<72] == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(bytes[72...] == [0x41, 0x42])
  }

  @Test("The hash of a text is FNV-1a in 64 bits")
  func hash() {
    // Test vectors of the hash's authors.
    #expect(TierHash(of: "").value == 0xCBF2_9CE4_8422_2325)
    #expect(TierHash(of: "a").value == 0xAF63_DC4C_8601_EC8C)
    #expect(TierHash(of: "foobar").value == 0x8594_4171_F739_67E8)
  }

  @Test("A changed envelope is never taken for another one")
  func mutations() {
    var random = SplitMix64(seed: FuzzEnvironment.seed &+ 1)
    let payload = [UInt8]("a value of some bytes".utf8)
    let whole = Self.envelope.encoded(before: payload, of: Self.key)
    for _ in 0..<FuzzEnvironment.iterations(orElse: 3_000) {
      var bytes = whole
      for _ in 0..<random.number(1...4) { bytes.damage(inserting: [0, 1, 0xCA], using: &random) }
      guard let found = try? TierEnvelope.decode(bytes, of: Self.key) else { continue }
      #expect(bytes == whole, "damaged to \(bytes)")
      #expect(found.envelope == Self.envelope)
    }
  }

  @Test("Each single bit of an envelope and its value counts")
  func singleBits() {
    let whole = Self.envelope.encoded(before: [7], of: Self.key)
    for place in whole.indices {
      for bit in 0..<8 {
        var bytes = whole
        bytes[place] ^= 1 << bit
        #expect((try? TierEnvelope.decode(bytes, of: Self.key)) == nil, "bit \(bit) of \(place)")
      }
    }
  }

  @Test("Bytes of any kind are read without a trap")
  func anyBytes() {
    var random = SplitMix64(seed: FuzzEnvironment.seed &+ 2)
    for _ in 0..<FuzzEnvironment.iterations(orElse: 2_000) {
      let start: [UInt8] = random.oneIn(2) ? [0xCA, 1] : []
      let bytes = start + random.bytes(0...120, of: [0, 1, 0xCA, 0xFF])
      #expect((try? TierEnvelope.decode(bytes, of: Self.key)) == nil)
    }
  }

  @Test("An envelope found under another key is damaged, one of another version is foreign")
  func faults() {
    let whole = Self.envelope.encoded(before: [7], of: Self.key)
    #expect(throws: TierEnvelope.Fault.damaged) {
      try TierEnvelope.decode(whole, of: TierKey(bytes: [UInt8]("users:v:bob".utf8)))
    }
    #expect(throws: TierEnvelope.Fault.foreign) {
      try TierEnvelope.decode([0xCA, 2] + whole[2...], of: Self.key)
    }
    #expect(throws: TierEnvelope.Fault.damaged) { try TierEnvelope.decode([], of: Self.key) }
    #expect(throws: TierEnvelope.Fault.damaged) {
      try TierEnvelope.decode([UInt8](whole.dropLast()), of: Self.key)
    }
  }

  @Test("Times in another order than created, fresh, gone are damage")
  func order() {
    for (created, fresh, gone) in [(2, 1, 3), (1, 3, 2), (-1, 2, 3)] as [(Int64, Int64, Int64)] {
      let envelope = TierEnvelope(
        build: 1, created: created, freshUntil: fresh, goneUntil: gone, loadMicroseconds: 0)
      #expect(throws: TierEnvelope.Fault.damaged) {
        try TierEnvelope.decode(envelope.encoded(before: [], of: Self.key), of: Self.key)
      }
    }
  }
}
