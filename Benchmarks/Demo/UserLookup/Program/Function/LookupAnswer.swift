import Foundation

/// The answer of the function.
struct LookupAnswer: Equatable {
  let username: String
  let source: ProfileSource
  /// How long the lookup took, in microseconds.
  let microseconds: Double
  let statistics: ProfileCacheStatistics
  /// The profile, as UTF-8 JSON.
  let profile: [UInt8]

  /// The answer as UTF-8 JSON; the profile goes in as it is, without being parsed.
  func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let frame = try encoder.encode(
      Frame(
        username: username, source: source, microseconds: microseconds, statistics: statistics))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(frame.count + profile.count + 16)
    bytes += frame.dropLast()
    bytes += #","profile":"#.utf8
    bytes += profile
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  private struct Frame: Encodable {
    var username: String
    var source: ProfileSource
    var microseconds: Double
    var statistics: ProfileCacheStatistics
  }
}

/// A response to an HTTP event, in the shape of payload format 2.0.
struct HTTPAnswer: Codable, Equatable {
  var statusCode: Int
  var headers = ["content-type": "application/json"]
  var body: String
  var isBase64Encoded = false

  init(statusCode: Int, body: [UInt8]) {
    self.statusCode = statusCode
    self.body = String(decoding: body, as: UTF8.self)
  }

  /// A response that says what is wrong.
  init(statusCode: Int, error message: String) throws {
    self.init(
      statusCode: statusCode, body: Array(try JSONEncoder().encode(["message": message])))
  }

  /// The response as UTF-8 JSON.
  func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return Array(try encoder.encode(self))
  }
}
