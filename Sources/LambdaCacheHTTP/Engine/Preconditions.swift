/// The answer to a request from a whole response: conditions, and `HEAD` (RFC 9110, section 13).
struct Answer {
  /// What the request is.
  let method: String
  let facts: RequestFacts
  /// The present time in seconds.
  let now: Int64

  /// The response to a `GET` with these fields and this body, as the request asks for it.
  ///
  /// - Parameters:
  ///   - response: The whole response.
  ///   - entityTag: Its entity tag.
  ///   - lastModified: When it was modified last, or made, in seconds.
  func callAsFunction(
    _ response: HTTPResponseParts, entityTag: EntityTag?, lastModified: Int64
  ) -> HTTPResponseParts {
    if response.status == 200, isUnmodified(entityTag: entityTag, lastModified: lastModified) {
      return Self.notModified(response)
    }
    return method == "HEAD" ? Self.head(response) : response
  }

  /// Whether the client has the response (sections 13.1.2 and 13.1.3; RFC 9111, section 4.3.2).
  private func isUnmodified(entityTag: EntityTag?, lastModified: Int64) -> Bool {
    if let list = facts.ifNoneMatch { return EntityTag.list(list, names: entityTag) }
    guard let text = facts.ifModifiedSince, let date = HTTPDate.parse(text, now: now) else {
      return false
    }
    return lastModified <= date
  }

  /// The 304 of a response (RFC 9110, section 15.4.5): without what describes the body.
  ///
  /// Everything else stays, `Cache-Control`, `Content-Location`, `Date`, `ETag`, `Expires` and
  /// `Vary` first.
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

  /// The same without its body, whose length is told (RFC 9110, sections 8.6 and 9.3.2).
  static func head(_ response: HTTPResponseParts) -> HTTPResponseParts {
    var fields = response.fields
    if response.body != nil, !fields.contains(named: "content-length") {
      fields.append(name: "content-length", value: String(response.contentLength))
    }
    return HTTPResponseParts(status: response.status, fields: fields)
  }
}
