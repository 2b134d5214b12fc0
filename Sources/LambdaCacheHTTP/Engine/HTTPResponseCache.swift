public import LambdaCache

/// A cache of HTTP responses in front of a handler, by RFC 9111.
///
/// <!-- with: LambdaContext, page -->
/// ```swift
/// let responses = HTTPResponseCache(in: Cache(byteLimit: 32 << 20))
/// let handler = cachedHTTP(in: responses) { (event: HTTPAPIEvent, context: LambdaContext) in
///   HTTPAPIResponse(
///     statusCode: 200, headers: ["cache-control": "max-age=60, stale-while-revalidate=600"],
///     body: page(event.rawPath))
/// }
/// ```
///
/// Only responses that the handler allows by `Cache-Control` or `Expires` are stored, unless
/// ``HTTPCachePolicy/defaultCacheControl`` allows more. One cache may serve several handlers of the
/// same function if their paths differ.
///
/// ## Behaviour
/// - `GET` and `HEAD` are answered from the cache; the response to any method that may change
///   something removes the responses for its target (section 4.4).
/// - A response without `ETag` gets one, and a client that has the response gets a 304.
/// - A stale response with a validator of the handler's is revalidated by a conditional request:
///   the handler gets `If-None-Match` or `If-Modified-Since` and may answer 304.
/// - A response that was served stale under `stale-while-revalidate` is revalidated after the
///   response of its invocation, if that runs such work (`LambdaCacheRuntime` does, or an
///   `Invocation` that is finished after the response), and otherwise by the next request for it.
/// - Requests for a missing response wait for one call of the handler if its response may be given
///   to all of them; otherwise each calls the handler. Requests do not wait again for a minute
///   after a response that could not be shared.
/// - A range of bytes of a fresh response is cut out of it here, under `If-Range` too. Requests for
///   any other range, for several ranges at once and with other conditions are passed on to the
///   handler, and nothing of their responses is stored.
///
/// ## Behind CloudFront
/// All fields that CloudFront uses are passed on: `Cache-Control`, `Expires`, `ETag`,
/// `Last-Modified`, `Vary`, and `Age` where the response comes from here, so that both caches
/// together store it no longer than it allows. By the developer guide of CloudFront ("Manage how
/// long content stays in the cache", "Request and response behavior for custom origins"):
/// - It stores a response for `s-maxage`, else `max-age`, else `Expires`, within the minimum and
///   maximum of its cache policy, and for its default, a day, if there is none of them. Send
///   `no-store` where that is wrong.
/// - It revalidates expired responses by `If-None-Match` and `If-Modified-Since`, which are
///   answered here by 304, and supports `stale-while-revalidate` and `stale-if-error`.
/// - It distinguishes responses by the fields of its cache policy, not by `Vary`: fields in `Vary`
///   have to be in the policy too.
/// - It signs its requests to a function URL that allows no others (origin access control). They
///   count as authorized, so that responses for all users have to say `public` or `s-maxage`.
/// - If it compresses a response, a strong entity tag becomes a weak one; conditions are compared
///   weakly here, so that both match.
public final class HTTPResponseCache: Sendable {
  /// The cache that stores the responses.
  public let cache: Cache<String, StoredResponse>

  /// The behaviour where the standards leave a choice.
  public let policy: HTTPCachePolicy

  let clock: HTTPClock
  let store: ResponseStore
  let invalidations = InvalidationLog()
  let revalidations = Revalidations()
  /// Calls of the handler in progress; it stores nothing, for responses are in ``cache``.
  let calls = Cache<String, HandlerCall>(byteLimit: 0, heapByteCount: { _, _ in 0 })
  /// Keys whose last response could not be shared, so that waiting for another one is useless.
  let unshared: Cache<String, Bool>

  /// Creates a cache of responses.
  ///
  /// - Parameters:
  ///   - cache: The cache that stores the responses, with limits of its own or of a budget. Nothing
  ///     else should use it.
  ///   - policy: The behaviour where the standards leave a choice.
  ///   - clock: A clock for tests, whose elapsed time counts from 1970; `nil` for the clocks of the
  ///     system.
  public init(
    in cache: Cache<String, StoredResponse>, policy: HTTPCachePolicy = .shared,
    clock: (any CacheClock)? = nil
  ) {
    policy.validate()
    self.cache = cache
    self.policy = policy
    self.clock = HTTPClock(clock)
    store = ResponseStore(cache: cache, policy: policy)
    unshared = Cache(byteLimit: 1 << 16, timeToLive: .seconds(60))
  }

  /// Removes all responses for the target of a request, for all users, variants and spellings.
  ///
  /// A response that the handler is making at the moment is not stored.
  ///
  /// - Parameter request: A request for the target; method and other fields than `Host` and
  ///   `X-Forwarded-Proto` do not matter.
  public func removeResponses(for request: HTTPRequestParts) {
    for target in targets(namedBy: request) { invalidate(target) }
  }

  /// The keys of a target that was named: as it is, as the policy spells it, and as it is in an
  /// event whose query comes in parameters, encoded or decoded.
  func targets(namedBy request: HTTPRequestParts) -> Set<String> {
    let facts = RequestFacts(request.fields)
    var forms = [request, policy.normalized(request)]
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
    return Set(forms.map { policy.target(of: $0, facts) })
  }

  func invalidate(_ target: String) {
    invalidations.invalidate(target)
    store.removeAll(target: target)
  }
}

/// The handler behind the cache, for one event.
struct Origin: Sendable {
  /// Calls the handler: with another method and other fields, or, by `nil`, with the event as it
  /// is.
  let ask: @Sendable ((method: String, fields: HTTPHeaderFields)?) async throws -> HTTPResponseParts
  /// Whether the event can be changed.
  let canChange: @Sendable () -> Bool
}

/// A request that may be answered from the cache.
struct CachedRequest: Sendable {
  let parts: HTTPRequestParts
  let facts: RequestFacts
  /// The requested part; `nil` for the whole.
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

/// The outcome of a call of the handler.
struct HandlerCall: Sendable {
  /// The identity of a request.
  final class Owner: Sendable {}

  /// The request that the handler was called for.
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
  /// The part of it that is stored, if it may be.
  var record: ResponseRecord?
  /// Whether the cache has taken it.
  var isStored: Bool
  /// The handler's status code.
  var originStatus: Int
}
