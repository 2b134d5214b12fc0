import Foundation
import LambdaCacheFoundation
import Testing

@Suite("Coders that a handler of JSON documents is given")
struct JSONCodingTests {
  private struct Moment: Codable, Equatable {
    var date: Date
  }

  private let document = [UInt8](#"{"date":1000}"#.utf8)
  private let date = Date(timeIntervalSince1970: 1000)

  private var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .secondsSince1970
    return decoder
  }

  private var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .secondsSince1970
    return encoder
  }

  @Test("Coders given to a handler of JSON documents are used for the event and for the answer")
  func both() async throws {
    let date = date
    let handler = json(decoder: decoder, encoder: encoder) {
      (moment: Moment, _: Int) -> Moment in
      #expect(moment.date == date)
      return Moment(date: moment.date + 1)
    }
    let answer = try await handler(document, 0)
    #expect(String(decoding: answer, as: UTF8.self) == #"{"date":1001}"#)
  }

  @Test("Coders given to a handler of JSON documents are used for an event without an answer")
  func consumer() async throws {
    let date = date
    let handler = json(decoder: decoder) { (moment: Moment, _: Int) -> Void in
      #expect(moment.date == date)
    }
    _ = try await handler(document, 0)
  }
}
