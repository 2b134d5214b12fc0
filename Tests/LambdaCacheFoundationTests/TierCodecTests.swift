import Foundation
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

@Suite("Names of Foundation's types in a shared tier")
struct TierNameOfFoundationTests {
  @Test("An identifier is named by its 36 characters, alone and with a tenant")
  func identifier() throws {
    let id = try #require(UUID(uuidString: "6f9619ff-8b86-d011-b42d-00cf4fc964ff"))
    #expect(id.tierName == "6F9619FF-8B86-D011-B42D-00CF4FC964FF")
    #expect(TenantKey(tenant: "a", key: id).tierName == "a:6F9619FF-8B86-D011-B42D-00CF4FC964FF")
  }
}
