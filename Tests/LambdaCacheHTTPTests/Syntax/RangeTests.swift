import LambdaCacheText
import Testing

@testable import LambdaCacheHTTP

@Suite("A part of a response")
struct RangeTests {
  /// Bytes that are no text, in Base64.
  private static let bytes: [UInt8] = (0..<10).map { 0xF0 + $0 }

  private func site(
    _ body: String, isBase64Encoded: Bool = false, _ fields: HTTPHeaderFields = [:]
  ) -> Site {
    Site { _ in
      var response = HTTPResponseParts(
        status: 200, fields: fields, body: body, isBase64Encoded: isBase64Encoded)
      response.fields["cache-control"] = "max-age=60"
      return response
    }
  }

  private func part(_ range: String, of site: Site) async throws -> HTTPResponseParts {
    _ = try await site.get()
    let part = try await site.get("/", ["range": range])
    #expect(site.asked.count == 1)
    return part
  }

  @Test(
    "A part of a response of a body in Base64 is counted in the bytes that it stands for",
    arguments: 0..<10)
  func base64(first: Int) async throws {
    for last in first..<10 {
      let site = site(Base64.encode(Self.bytes), isBase64Encoded: true, ["content-encoding": "br"])
      let part = try await part("bytes=\(first)-\(last)", of: site)
      #expect(part.status == 206)
      #expect(part.isBase64Encoded)
      #expect(part.body.flatMap(Base64.decode) == Array(Self.bytes[first...last]))
      #expect(part.fields["content-range"] == "bytes \(first)-\(last)/10")
      #expect(part.fields["content-encoding"] == "br")
    }
  }

  @Test("A part of a response of a body in Base64 that is wrapped or not padded is the same")
  func wrapped() async throws {
    for body in ["aGVs\r\nbG8=", "aGVsbG8", "aGVsbG8="] {
      let part = try await part("bytes=3-", of: site(body, isBase64Encoded: true))
      #expect(part.body.flatMap(Base64.decode) == Array("lo".utf8))
      #expect(part.fields["content-range"] == "bytes 3-4/5")
    }
  }

  @Test("A part of a response of a body that is not in Base64 although it says so is the whole")
  func broken() async throws {
    for body in ["aGVsbG8!", "aGVsb", "aG=sbG8="] {
      let response = try await part("bytes=0-1", of: site(body, isBase64Encoded: true))
      #expect(response.status == 200)
      #expect(response.body == body)
    }
  }

  @Test("A part of a response of a text is a text, unless it begins or ends inside of a character")
  func characters() async throws {
    let text = "aé€𝄞e\u{301}\r\n"
    let bytes = Array(text.utf8)
    for first in bytes.indices {
      for last in first..<bytes.count {
        let part = try await part("bytes=\(first)-\(last)", of: site(text))
        let expected = bytes[first...last]
        let isText = String(validating: expected, as: UTF8.self) != nil
        #expect(part.isBase64Encoded != isText)
        let body = part.body ?? ""
        #expect((isText ? Array(body.utf8) : Base64.decode(body)) == Array(expected))
      }
    }
  }

  @Test("A part of a response is the positions that are in its range, of every short body")
  func positions() {
    for count in 0..<6 {
      for first in 0..<8 {
        for last in [nil] + Array(first..<9) as [Int?] {
          let inside = (0..<count).filter { $0 >= first && $0 <= last ?? count }
          let range = ByteRange.positions(first: first, last: last)
          #expect(
            range.selection(of: count)
              == (inside.isEmpty ? .unsatisfiable : .part(inside[0]..<inside[inside.count - 1] + 1))
          )
        }
      }
      for length in 0..<8 {
        let inside = (0..<count).suffix(length)
        let expected: ByteRange.Selection =
          length == 0 ? .unsatisfiable : inside.isEmpty ? .whole : .part(inside)
        #expect(ByteRange.suffix(length).selection(of: count) == expected)
      }
    }
  }

  @Test("A part of a response is counted like the whole: all parts together are the body")
  func together() async throws {
    let body = "the whole body"
    let site = site(body)
    _ = try await site.get()
    var joined = ""
    for first in stride(from: 0, to: body.utf8.count, by: 5) {
      joined += try await site.get("/", ["range": "bytes=\(first)-\(first + 4)"]).body ?? ""
    }
    #expect(joined == body)
    #expect(site.asked.count == 1)
  }
}
