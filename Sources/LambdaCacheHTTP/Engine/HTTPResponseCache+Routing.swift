/// What is done with a request, by its method and its fields.
extension HTTPResponseCache {
  enum Route {
    /// The handler's alone.
    case pass(CacheStatus.Forwarding.Reason)
    /// Nobody's: the handler's, but the client wants nothing of it.
    case refuse
    /// The handler's; its response may have changed what is stored for its target.
    case invalidate
    /// The cache's.
    case cached(CachedRequest)
  }

  func route(_ request: HTTPRequestParts) -> Route {
    let facts = RequestFacts(request.fields)
    switch request.method {
    case "GET", "HEAD": break
    case "OPTIONS", "TRACE": return .pass(.method)
    default: return .invalidate
    }
    let directives =
      policy.honorsRequestDirectives
      ? RequestDirectives(cacheControl: facts.cacheControl, pragma: facts.pragma)
      : RequestDirectives()
    let bypass = directives.onlyIfCached ? Route.refuse : .pass(.bypass)
    // Only for GET does a range mean anything (RFC 9110, section 14.2).
    let range = request.method == "GET" ? facts.range.map(RangeRequest.init) : nil
    guard range != .unsupported, !facts.hasOriginCondition, !request.hasBody else { return bypass }
    var user: String?
    if case .private(let name) = policy.audience {
      user = name(request)
      if user == nil { return bypass }
    }
    return .cached(
      CachedRequest(
        parts: request, facts: facts, range: range, directives: directives,
        address: ResponseStore.Address(
          target: policy.key.target(of: request, facts),
          particulars: policy.key.particulars(of: request, facts), user: user,
          fields: request.fields)))
  }

  /// Removes what a response to an unsafe method has made invalid (RFC 9111, section 4.4): its
  /// target, and what `Location` and `Content-Location` name on the same host.
  func noteUnsafe(_ request: HTTPRequestParts, response: HTTPResponseParts) {
    guard (200...399).contains(response.status) else { return }
    removeResponses(for: request)
    for name in ["location", "content-location"] {
      guard let reference = response.fields[name],
        let other = Self.sameOrigin(reference, as: request)
      else { continue }
      removeResponses(for: other)
    }
  }

  /// A request for what a reference names, if that is an absolute path or a URI of the same host.
  ///
  /// Others are left alone: a cache may invalidate them, and must not if the host is another.
  static func sameOrigin(_ reference: String, as request: HTTPRequestParts) -> HTTPRequestParts? {
    var rest = reference.trimmingWhitespace
    // A path may have another URI in its query.
    if !rest.hasPrefix("/"), let separator = rest.range(of: "://") {
      let scheme = String(rest[..<separator.lowerBound]).lowercasedASCII
      guard scheme == "https" || scheme == "http" else { return nil }
      let authorityEnd =
        rest[separator.upperBound...].firstIndex { $0 == "/" || $0 == "?" || $0 == "#" }
        ?? rest.endIndex
      let authority = String(rest[separator.upperBound..<authorityEnd])
      let own = request.authority ?? request.fields["host"]
      guard let own, authority.equalsIgnoringCase(own) else { return nil }
      rest = rest[authorityEnd...]
      if !rest.hasPrefix("/") { rest = Substring("/" + rest) }
    }
    guard rest.hasPrefix("/"), !rest.hasPrefix("//") else { return nil }
    let whole = rest.prefix(upToByte: UInt8(ascii: "#"))
    let path = whole.prefix(upToByte: ASCII.questionMark)
    var other = request
    other.path = String(path)
    let query = Substring(whole.utf8.dropFirst(path.utf8.count + 1))
    other.query = query.isEmpty ? nil : String(query)
    return other
  }
}

extension Substring {
  /// Where another text begins and ends first.
  fileprivate func range(of text: StaticString) -> (lowerBound: Index, upperBound: Index)? {
    let count = text.utf8CodeUnitCount
    let pattern = (0..<count).map { text.utf8Start[$0] }
    var start = utf8.startIndex
    while utf8.distance(from: start, to: utf8.endIndex) >= count {
      let end = utf8.index(start, offsetBy: count)
      if utf8[start..<end].elementsEqual(pattern) { return (start, end) }
      start = utf8.index(after: start)
    }
    return nil
  }
}
