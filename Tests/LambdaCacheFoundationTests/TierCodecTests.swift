import LambdaCacheFoundation
import LambdaCacheHandlers
import Testing

@testable import LambdaCacheHandlers

@Suite("Values of a shared tier as JSON")
struct TierCodecTests {
  private struct Reading: Codable, Equatable {
    var place: String
    var degrees: Double
  }

  @Test("A value comes out of its document as it was put in, and the document is JSON")
  func roundTrip() throws {
    let codec = TierCodec<Reading>.json
    let reading = Reading(place: "Zürich", degrees: -1.5)
    let bytes = try codec.encode(reading)
    #expect(bytes.first == UInt8(ascii: "{"))
    #expect(try codec.decode(bytes[...]) == reading)
    #expect(try codec.decode(([0, 0] + bytes)[2...]) == reading, "a part of other bytes")
  }

  @Test("Bytes that are no such document, and values without one, throw")
  func faults() {
    let codec = TierCodec<Reading>.json
    #expect(throws: (any Error).self) { try codec.decode([UInt8](#"{"place":"x"}"#.utf8)[...]) }
    #expect(throws: (any Error).self) { try codec.decode([]) }
    #expect(throws: (any Error).self) { try codec.encode(Reading(place: "", degrees: .nan)) }
  }
}
