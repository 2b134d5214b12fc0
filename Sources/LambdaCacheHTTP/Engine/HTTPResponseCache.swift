public import LambdaCache

/// A cache of HTTP responses in front of a handler, as RFC 9111 describes it.
///
/// ```swift
/// let responses = HTTPResponseCache(in: Cache(byteLimit: 32 << 20))
/// let handler = cachedHTTP(in: responses) { (event: HTTPAPIEvent, context: LambdaContext) in
///   HTTPAPIResponse(
///     statusCode: 200, headers: ["cache-control": "max-age=60, stale-while-revalidate=600"],
///     body: try await page(at: event.rawPath))
/// }
/// ```
///
/// Only what the handler allows by `Cache-Control` or `Expires` is kept, or everything if
/// ``HTTPCachePolicy/defaultCacheControl`` says so. One cache may serve several handlers of the
/// same function if their paths differ.
///
/// ## What is done
/// - `GET` and `HEAD` are answered from the cache; the response to any method that may change
///   something removes what is stored for its target (section 4.4).
/// - A response without `ETag` gets one, and a client that has the response gets a 304.
/// - A stale response with a validator of the handler's is renewed by a conditional request: the
///   handler is given `If-None-Match` or `If-Modified-Since` and may answer 304.
/// - Requests for a missing response wait for one call of the handler if its response turns out to
///   be one that may be given to them; otherwise each calls the handler. What could not be shared
///   is not waited for again for a minute.
/// - A range of bytes of a fresh response is cut out of it here, under `If-Range` too. Any other
///   range, several ranges at once, and other conditions are the handler's: such requests are
///   passed on, and nothing of them is kept.
///
/// ## Behind CloudFront
/// All that CloudFront decides by is sent on: `Cache-Control`, `Expires`, `ETag`, `Last-Modified`,
/// `Vary`, and `Age` where the response comes from here, so that both caches together keep it no
/// longer than it says. By the developer guide of CloudFront ("Manage how long content stays in the
/// cache", "Request and response behavior for custom origins"):
/// - It keeps a response for `s-maxage`, else `max-age`, else `Expires`, within the minimum and
///   maximum of its cache policy, and for its default, a day, if there is none of them. Send
///   `no-store` where that is wrong.
/// - It revalidates what has expired by `If-None-Match` and `If-Modified-Since`, which are answered
///   here by 304, and knows `stale-while-revalidate` and `stale-if-error`.
/// - It tells responses apart by what its cache policy names, not by `Vary`: fields that are in
///   `Vary` have to be in the policy too.
/// - It signs its requests to a function URL that nobody else may call (origin access control).
///   They count as authorized, so that what is to be kept for all has to say `public` or
///   `s-maxage`.
/// - If it compresses a response, a strong entity tag becomes a weak one; conditions are compared
///   weakly here, so that both match.
public final class HTTPResponseCache: Sendable {
  /// Where responses are stored.
  public let cache: Cache<String, StoredResponse>

  /// How the cache behaves where the standards leave a choice.
  public let policy: HTTPCachePolicy

  let clock: HTTPCacheClock
  let store: ResponseStore
  let invalidations = InvalidationLog()
  let refreshes = RefreshQueue()
  /// Calls of the handler under way; it keeps nothing, for what may be kept is in ``cache``.
  let flights = Cache<String, Flight>(byteLimit: 0, heapByteCount: { _, _ in 0 })
  /// Keys whose last response could not be shared: to wait for another's would be in vain.
  let unshared: Cache<String, Bool>

  /// Creates a cache of responses.
  ///
  /// - Parameters:
  ///   - cache: Where responses are stored, with the limits of its own or of a budget. It should
  ///     belong to this object alone.
  ///   - policy: How the cache behaves where the standards leave a choice.
  ///   - clock: What tells the time.
  public init(
    in cache: Cache<String, StoredResponse>, policy: HTTPCachePolicy = .shared,
    clock: HTTPCacheClock = .system
  ) {
    policy.validate()
    self.cache = cache
    self.policy = policy
    self.clock = clock
    store = ResponseStore(cache: cache, policy: policy)
    unshared = Cache(byteLimit: 1 << 16, timeToLive: .seconds(60))
  }

  /// Renews what was served stale, and tells the budget of the cache, if it has one.
  ///
  /// Await it in the invocation that served the responses, after the response was sent and before
  /// the invocation ends; see ``HTTPCachePolicy/Refreshing/afterResponse``. It runs nothing in the
  /// background: when it returns, all is done.
  ///
  /// - Returns: What the handler threw instead of answering. The responses stay as they are, and
  ///   are asked for again when they are served stale again.
  @discardableResult
  public func finishRefreshes() async -> [any Error] {
    let (count, errors) = await refreshes.run(now: clock.now().steady)
    if count > 0 { cache.budget?.invocationDidEnd() }
    return errors
  }

  /// How many responses wait to be renewed by ``finishRefreshes()``.
  public var pendingRefreshCount: Int { refreshes.count }

  /// Removes all that is stored for the target of a request, for all users, variants and spellings.
  ///
  /// A response that the handler is making at the moment is not stored.
  ///
  /// - Parameter request: A request for the target; method and other fields than `Host` and
  ///   `X-Forwarded-Proto` do not matter.
  public func removeResponses(for request: HTTPRequestParts) {
    for target in targets(namedBy: request) { invalidate(target) }
  }

  /// The keys of a target that was named: as it is, as the policy spells it, and as an event has it
  /// whose query comes in parameters, encoded or decoded.
  func targets(namedBy request: HTTPRequestParts) -> Set<String> {
    let facts = RequestFacts(request.fields)
    var forms = [request, policy.key.normalized(request)]
    for form in forms {
      guard let query = form.query, !query.isEmpty else { continue }
      for (areEncoded, plusIsSpace) in [(true, false), (false, false), (false, true)] {
        let lists = QueryParameters.lists(
          of: query, areEncoded: areEncoded, plusIsSpace: plusIsSpace)
        var parametric = form
        parametric.query = QueryParameters(lists, nil, areEncoded: areEncoded).query
        forms.append(parametric)
      }
    }
    return Set(forms.map { policy.key.target(of: $0, facts) })
  }

  func invalidate(_ target: String) {
    invalidations.invalidate(target)
    store.removeAll(target: target)
  }
}

/// How the handler is asked.
struct Origin: Sendable {
  /// Asks the handler: with another method and other fields, or, by `nil`, with the event as it is.
  let ask: @Sendable ((method: String, fields: HTTPHeaderFields)?) async throws -> HTTPResponseParts
  /// Whether the event can be changed.
  let canChange: @Sendable () -> Bool
}

/// A request that a cache deals with.
struct CachedRequest: Sendable {
  let parts: HTTPRequestParts
  let facts: RequestFacts
  /// The part that is asked for; `nil` for the whole.
  let range: RangeRequest?
  let directives: RequestDirectives
  let address: ResponseStore.Address
  /// Whether the caller is known, to a gateway or by a field.
  let isAuthorized: Bool

  /// The fields for the handler that is to make a whole response: without the conditions of the
  /// client, which are evaluated here, and with others.
  func originFields(validators: [(name: String, value: String)]) -> HTTPHeaderFields {
    var fields = parts.fields
    fields.removeAll(named: "if-none-match")
    fields.removeAll(named: "if-modified-since")
    fields.removeAll(named: "range")
    fields.removeAll(named: "if-range")
    for (name, value) in validators { fields.append(name: name, value: value) }
    return fields
  }
}

/// What a call of the handler came to.
struct Flight: Sendable {
  /// The identity of a request.
  final class Owner: Sendable {}

  /// Whose request the handler was called for.
  let owner: Owner
  /// The fields of that request.
  let fields: HTTPHeaderFields
  let result: Result<Fetched, any Error>
}

/// A response that the handler has just made or confirmed.
struct Fetched: Sendable {
  /// Complete, with what was added to it.
  var response: HTTPResponseParts
  var entityTag: EntityTag?
  var lastModified: Int64
  /// What is kept of it, if it may be.
  var record: ResponseRecord?
  /// Whether the cache has taken it.
  var isStored: Bool
  /// The handler's status code.
  var originStatus: Int
}
