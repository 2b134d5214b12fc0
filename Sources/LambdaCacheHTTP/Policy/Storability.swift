/// The permission to store a response of the handler, with its times (RFC 9111, sections 3 and
/// 4.2).
struct Storability {
  /// Whether the response may be stored at all.
  private(set) var isAllowed = false
  /// The time for which it is fresh, in milliseconds from its making.
  private(set) var lifetime: Int64 = 0
  /// The time beyond that for which it may be served while it is revalidated, in milliseconds.
  private(set) var staleWhileRevalidate: Int64 = 0
  /// The time beyond that for which it may be served instead of an error, in milliseconds.
  private(set) var staleIfError: Int64 = 0
  private(set) var traits: ResponseTraits = []

  /// Judges a response to a `GET`.
  ///
  /// - Parameters:
  ///   - response: The response, with a `Date`.
  ///   - directives: Its directives for this cache.
  ///   - date: Its `Date`, in seconds.
  ///   - isAuthorized: Whether the request was.
  ///   - policy: The choices that the standards leave open.
  init(
    _ response: HTTPResponseParts, _ directives: ResponseDirectives, date: Int64,
    isAuthorized: Bool, policy: HTTPCachePolicy
  ) {
    readTraits(directives, policy: policy)
    let explicit = explicitLifetime(response.fields, directives, date: date, policy: policy)
    // Sections 3 and 4.2.2 have the same condition for what has no explicit time.
    let isCacheable =
      Self.isHeuristicallyCacheable(response.status) || directives.isPublic
      || (directives.isPrivate && !policy.isShared)
    let guessed =
      isCacheable ? heuristicLifetime(response.fields, date: date, policy: policy) : nil
    lifetime = explicit ?? guessed ?? 0
    if !traits.contains(.noCache), !traits.contains(.neverStale) {
      staleWhileRevalidate = Self.milliseconds(directives.staleWhileRevalidate)
      staleIfError = Self.milliseconds(directives.staleIfError)
    }
    // A time that cannot be read restricts, and does not permit storing.
    let isReadable =
      directives.maxAge != .invalid && (!policy.isShared || directives.sharedMaxAge != .invalid)
    isAllowed =
      mayStore(response, directives, isAuthorized: isAuthorized, policy: policy)
      && ((explicit != nil && isReadable) || isCacheable)
  }

  private mutating func readTraits(_ directives: ResponseDirectives, policy: HTTPCachePolicy) {
    if directives.noCache { traits.insert(.noCache) }
    if directives.immutable { traits.insert(.immutable) }
    let isBoundByShare =
      policy.isShared
      && (directives.proxyRevalidate
        || (directives.sharedMaxAge != .absent && !policy.allowsStaleAfterSharedMaxAge))
    if directives.mustRevalidate || isBoundByShare { traits.insert(.neverStale) }
  }

  /// Section 3, but for the condition that something makes the response cacheable.
  private func mayStore(
    _ response: HTTPResponseParts, _ directives: ResponseDirectives, isAuthorized: Bool,
    policy: HTTPCachePolicy
  ) -> Bool {
    // Parts and answers to conditions are not whole responses; the others are final. Content-Range
    // means nothing in any other (RFC 9110, section 14.4).
    guard (200...599).contains(response.status), response.status != 206, response.status != 304
    else { return false }
    if directives.mustUnderstand {
      guard Self.isUnderstood(response.status) else { return false }
    } else if directives.noStore {
      return false
    }
    if policy.isShared {
      if directives.isPrivate { return false }
      if isAuthorized, !directives.permitsSharing { return false }
    }
    return policy.cookies != .doNotStore || !response.fields.contains(named: "set-cookie")
  }

  /// The explicit lifetime of a response (section 4.2.1): `nil` if it has none, and zero if it is
  /// invalid.
  private func explicitLifetime(
    _ fields: HTTPHeaderFields, _ directives: ResponseDirectives, date: Int64,
    policy: HTTPCachePolicy
  ) -> Int64? {
    if policy.isShared, let seconds = directives.sharedMaxAge.value(ifAbsent: nil, ifInvalid: 0) {
      return Int64(seconds) * 1000
    }
    if let seconds = directives.maxAge.value(ifAbsent: nil, ifInvalid: 0) {
      return Int64(seconds) * 1000
    }
    let expires = fields.values(named: "expires")
    guard !directives.isTargeted, let first = expires.first else { return nil }
    guard expires.allSatisfy({ $0 == first }), let end = HTTPDate.parse(first, now: date) else {
      return 0
    }
    return max(0, end - date) * 1000
  }

  /// Section 4.2.2.
  private func heuristicLifetime(
    _ fields: HTTPHeaderFields, date: Int64, policy: HTTPCachePolicy
  ) -> Int64? {
    guard let fraction = policy.heuristicFraction, let text = fields["last-modified"],
      let lastModified = HTTPDate.parse(text, now: date), lastModified < date
    else { return nil }
    let milliseconds = Int64(Double((date - lastModified) * 1000) * fraction)
    return min(milliseconds, policy.heuristicLimit.wholeMilliseconds)
  }

  private static func milliseconds(_ seconds: DirectiveSeconds) -> Int64 {
    Int64(seconds.value(ifAbsent: 0, ifInvalid: 0) ?? 0) * 1000
  }

  /// RFC 9110, section 15.1, but for 206, which is not kept.
  static func isHeuristicallyCacheable(_ status: Int) -> Bool {
    switch status {
    case 200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501: true
    default: false
    }
  }

  /// Status codes whose requirements this cache implements, for `must-understand`: those of RFC
  /// 9110 that ask nothing of a cache which it does not do.
  static func isUnderstood(_ status: Int) -> Bool {
    switch status {
    case 200...205, 300...303, 307, 308, 400...417, 421, 422, 426, 500...505: true
    default: false
    }
  }
}

/// The permissions and restrictions of a response.
struct ResponseTraits: OptionSet, Sendable {
  let rawValue: UInt8

  /// It may not be served without asking the handler.
  static let noCache = ResponseTraits(rawValue: 1)
  /// It may not be served when it is stale, whatever else it says.
  static let neverStale = ResponseTraits(rawValue: 2)
  /// It does not change while it is fresh.
  static let immutable = ResponseTraits(rawValue: 4)
  /// Its entity tag or its time of modification is the handler's.
  static let canValidate = ResponseTraits(rawValue: 8)
  /// Its entity tag was made here and is not the handler's.
  static let hasOwnTag = ResponseTraits(rawValue: 16)
}

extension Duration {
  /// The milliseconds, a part of one cut off, at most what fits.
  var wholeMilliseconds: Int64 {
    // Not by the components, which trap for what is longer than 292 billion years.
    Int64(clamping: attoseconds / 1_000_000_000_000_000)
  }
}
