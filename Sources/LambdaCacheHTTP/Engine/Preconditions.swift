internal import LambdaCacheText

/// The answer to a request from a whole response: conditions, ranges and `HEAD` (RFC 9110,
/// sections 13 and 14).
struct Answer {
  /// The method of the request.
  let method: String
  let facts: RequestFacts
  /// The requested part.
  let range: RangeRequest?
  /// The present time in seconds.
  let now: Int64

  /// The answer to the request.
  ///
  /// - Parameters:
  ///   - response: The whole response to a `GET`.
  ///   - entityTag: Its entity tag.
  ///   - lastModified: The time of its last modification, or of its making, in seconds.
  func callAsFunction(
    _ response: HTTPResponseParts, entityTag: EntityTag?, lastModified: Int64
  ) -> HTTPResponseParts {
    if response.status == 200, isUnmodified(entityTag: entityTag, lastModified: lastModified) {
      return Self.notModified(response)
    }
    if method == "HEAD" { return Self.head(response) }
    guard response.status == 200, case .bytes(let range)? = range,
      isSame(response, entityTag: entityTag)
    else { return response }
    return Self.part(of: response, in: range)
  }

  /// Whether the client has parts of this very response: `If-Range` (section 13.1.5).
  private func isSame(_ response: HTTPResponseParts, entityTag: EntityTag?) -> Bool {
    guard let text = facts.ifRange else { return true }
    if let tag = EntityTag(text) { return entityTag.map(tag.matchesStrongly) ?? false }
    // A time is exact if the response was made a second after it or later (section 8.8.2.2).
    let times = [text, response.fields["last-modified"], response.fields["date"]]
      .map { $0.flatMap { HTTPDate.parse($0, now: now) } }
    guard let claimed = times[0], let modified = times[1], let made = times[2] else { return false }
    return claimed == modified && modified < made
  }

  /// Whether the client has the response (sections 13.1.2 and 13.1.3; RFC 9111, section 4.3.2).
  private func isUnmodified(entityTag: EntityTag?, lastModified: Int64) -> Bool {
    if let list = facts.ifNoneMatch { return EntityTag.list(list, names: entityTag) }
    guard let text = facts.ifModifiedSince, let date = HTTPDate.parse(text, now: now) else {
      return false
    }
    return lastModified <= date
  }

  /// The 304 of a response (RFC 9110, section 15.4.5), without the fields that describe the body.
  static func notModified(_ response: HTTPResponseParts) -> HTTPResponseParts {
    var fields = response.fields
    let hasTag = fields.contains(named: "etag")
    fields.removeAll { field in
      let name = field.name.lowercasedASCII
      return representationFields.contains(name) || (hasTag && name == "last-modified")
    }
    return HTTPResponseParts(status: 304, fields: fields)
  }

  private static let representationFields: Set<String> = [
    "content-type", "content-length", "content-encoding", "content-language", "content-range",
    "content-md5", "content-digest", "repr-digest", "digest", "transfer-encoding", "trailer",
  ]

  /// The response without its body, but with its length (RFC 9110, sections 8.6 and 9.3.2).
  static func head(_ response: HTTPResponseParts) -> HTTPResponseParts {
    var fields = response.fields
    if response.body != nil, !fields.contains(named: "content-length") {
      fields.append(name: "content-length", value: String(response.contentLength))
    }
    return HTTPResponseParts(status: response.status, fields: fields)
  }

  // MARK: Ranges

  /// The part of a response in a range (sections 14.4 and 15.3.7); the whole if its bytes cannot be
  /// determined.
  ///
  /// All fields stay, also those that a client with `If-Range` has already: gateways would add a
  /// type to a response without one.
  private static func part(of response: HTTPResponseParts, in range: ByteRange) -> HTTPResponseParts
  {
    let text = response.body ?? ""
    let decoded = response.isBase64Encoded ? Base64.decode(text) : nil
    if response.isBase64Encoded, decoded == nil { return response }
    let count = decoded?.count ?? text.utf8.count
    switch range.selection(of: count) {
    case .whole: return response
    case .unsatisfiable: return unsatisfiable(response, count)
    case .part(let positions):
      var part = response
      part.status = 206
      // They describe the whole.
      part.fields.removeAll { ["content-md5", "content-digest"].contains($0.name.lowercasedASCII) }
      part.fields["content-range"] =
        "bytes \(positions.lowerBound)-\(positions.upperBound - 1)/\(count)"
      if part.fields.contains(named: "content-length") {
        part.fields["content-length"] = String(positions.count)
      }
      if let decoded {
        part.body = Base64.encode(decoded[positions])
      } else {
        (part.body, part.isBase64Encoded) = piece(of: text, positions)
      }
      return part
    }
  }

  /// Some bytes of a text, in Base64 if they begin or end inside of a character.
  private static func piece(of text: String, _ positions: Range<Int>) -> (String, isBase64: Bool) {
    let start = text.utf8.index(text.utf8.startIndex, offsetBy: positions.lowerBound)
    let bytes = text.utf8[start..<text.utf8.index(start, offsetBy: positions.count)]
    if let piece = String(validating: bytes, as: UTF8.self) { return (piece, false) }
    return (Base64.encode(Array(bytes)), true)
  }

  /// The 416 of a response (section 15.5.17), which no cache is to keep: of its fields only those
  /// that the client needs to read it.
  private static func unsatisfiable(
    _ response: HTTPResponseParts, _ count: Int
  ) -> HTTPResponseParts {
    var fields = response.fields
    fields.removeAll { field in
      let name = field.name.lowercasedASCII
      return !["date", "vary", "cache-status"].contains(name) && !name.hasPrefix("access-control-")
    }
    fields.append(name: "cache-control", value: "no-store")
    fields.append(name: "content-range", value: "bytes */\(count)")
    return HTTPResponseParts(status: 416, fields: fields)
  }
}
