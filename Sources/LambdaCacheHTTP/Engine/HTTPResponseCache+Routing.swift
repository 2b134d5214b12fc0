/// The treatment of a request, by its method and its fields.
extension HTTPResponseCache {
  enum Route {
    /// The handler answers it.
    case pass(CacheStatus.Forwarding.Reason)
    /// The handler would answer it, but the client accepts only stored responses.
    case refuse
    /// The handler answers it, and its answer may make stored responses invalid.
    case invalidate
    /// It may be answered from the cache.
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
    // A range has a meaning only for GET (RFC 9110, section 14.2).
    let range = request.method == "GET" ? facts.range.map(RangeRequest.init) : nil
    guard range != .unsupported, !facts.hasOriginCondition, !request.hasBody else { return bypass }
    var user: String?
    if case .private(let name) = policy.audience {
      user = name(request)
      if user == nil { return bypass }
    }
    let namesCaller = request.fields.namesCaller(beside: policy.callerFields)
    return .cached(
      CachedRequest(
        parts: request, facts: facts, range: range, directives: directives,
        address: ResponseStore.Address(
          target: policy.target(of: request, facts),
          particulars: policy.particulars(of: request, facts),
          spelling: policy.spelling(of: request, facts), user: user, fields: request.fields),
        isAuthorized: request.isAuthorized || namesCaller))
  }

  /// Removes the responses that an answer to an unsafe method has made invalid (RFC 9111, section
  /// 4.4): those for its target, and for the targets of `Location` and `Content-Location` on the
  /// same host.
  func noteUnsafe(_ request: HTTPRequestParts, response: HTTPResponseParts) {
    guard (200...399).contains(response.status) else { return }
    removeResponses(for: request)
    for name in ["location", "content-location"] {
      guard let reference = response.fields[name],
        let other = URIReference(reference).target(relativeTo: request)
      else { continue }
      removeResponses(for: other)
      // The path in the events of a gateway may be without the stage.
      guard let stage = request.stage else { continue }
      let prefix = "/" + stage + "/"
      guard other.path.utf8.starts(with: prefix.utf8) else { continue }
      var inside = other
      inside.path = String(
        decoding: other.path.utf8.dropFirst(prefix.utf8.count - 1), as: UTF8.self)
      removeResponses(for: inside)
    }
  }
}
