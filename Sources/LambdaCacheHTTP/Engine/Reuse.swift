/// The permitted use of a stored response (RFC 9111, section 4; RFC 5861; RFC 8246).
enum Reuse: Equatable {
  /// It is served.
  case serve
  /// It is served, and revalidated afterwards.
  case serveAndRenew
  /// It is served stale because the request allows it.
  case serveStale
  /// The handler has to be asked.
  case validate(Reason)

  /// The reason why a stored response is not served.
  enum Reason: Equatable {
    /// Because of its age.
    case stale
    /// Because of a directive of the request or of the response itself.
    case demanded
  }

  /// - Parameters:
  ///   - response: The stored response.
  ///   - age: Its age in milliseconds.
  ///   - directives: The directives of the request.
  init(_ response: ResponseRecord, age: Int64, directives: RequestDirectives) {
    let rest = response.lifetime - age
    let isFresh = rest > 0
    guard !response.traits.contains(.noCache), !directives.noCache else {
      self = .validate(.demanded)
      return
    }
    // A reload asks for max-age=0; a response that does not change need not be validated then
    // (RFC 8246, section 2).
    let limit = directives.maxAge.value(ifAbsent: nil, ifInvalid: 0)
    if let limit, age >= Int64(limit) * 1000, !(isFresh && response.traits.contains(.immutable)) {
      self = .validate(.demanded)
      return
    }
    let minFresh = directives.minFresh.value(ifAbsent: 0, ifInvalid: DirectiveSeconds.largest) ?? 0
    if isFresh {
      self = rest >= Int64(minFresh) * 1000 ? .serve : .validate(.demanded)
      return
    }
    if response.traits.contains(.neverStale) {
      self = .validate(.stale)
    } else if let maxStale = directives.maxStale, -rest <= Int64(maxStale) * 1000 {
      self = .serveStale
    } else if minFresh == 0, -rest < response.staleWhileRevalidate {
      self = .serveAndRenew
    } else {
      self = .validate(.stale)
    }
  }

  /// Whether a response may be served instead of an error of the handler: by `stale-if-error`
  /// (RFC 5861, section 4), or because it might have been served without asking (section 3).
  ///
  /// - Parameters:
  ///   - response: The stored response.
  ///   - age: Its age in milliseconds.
  ///   - directives: The directives of the request.
  static func isAllowedOnError(
    _ response: ResponseRecord, age: Int64, directives: RequestDirectives
  ) -> Bool {
    let traits = response.traits
    guard !traits.contains(.noCache), !traits.contains(.neverStale), !directives.noCache else {
      return false
    }
    let requested = directives.staleIfError.value(ifAbsent: 0, ifInvalid: 0) ?? 0
    return age - response.lifetime < max(response.staleIfError, Int64(requested) * 1000)
      || Reuse(response, age: age, directives: directives) == .serveAndRenew
  }
}
