/// How an ``HTTPResponseCache`` behaves where the standards leave a choice.
public struct HTTPCachePolicy: Sendable {
  /// For whom responses are kept (RFC 9111, section 1).
  public enum Audience: Sendable {
    /// For everybody: responses that are `private`, or that were made for an authorized request and
    /// do not say that they may be shared, are not kept.
    case shared

    /// For each user apart, all in one cache: `private` responses are kept, `s-maxage` and
    /// `proxy-revalidate` do not count.
    ///
    /// A function serves many users, so they must be told apart. The closure names the user of a
    /// request, in a way that no other user can imitate: the subject that an authorizer has
    /// checked, or the whole `Authorization` field. `nil` is for requests that are not to be
    /// cached.
    case `private`(by: @Sendable (HTTPRequestParts) -> String?)
  }

  /// What happens to responses with `Set-Cookie`.
  public enum CookiePolicy: Sendable, Hashable {
    /// They are not kept.
    case doNotStore
    /// They are kept without it: only who caused the handler's call gets the cookie.
    case storeWithout
    /// They are kept with it, as RFC 9111, section 7.3, allows: every client gets the same cookie.
    case store
  }

  /// What is put into `ETag` where the handler has put nothing.
  public enum EntityTagPolicy: Sendable, Hashable {
    /// A strong entity tag: equal only for equal bytes.
    case strong
    /// A weak one, for those behind which something changes the bytes, as compression does.
    case weak
    /// Nothing.
    case none
  }

  /// When a response that was served stale under `stale-while-revalidate` is renewed.
  public enum Refreshing: Sendable, Hashable {
    /// By the next request for it, which waits for that: for handlers that are closures, after
    /// which nothing can run.
    case atNextAccess
    /// By ``HTTPResponseCache/finishRefreshes()``, which the caller promises to await after each
    /// response and before the invocation ends.
    case afterResponse
  }

  /// For whom responses are kept.
  public var audience: Audience

  /// Names of request fields that tell the caller, beside those by which the gateways of AWS and
  /// others do: a shared cache keeps no response to a request that has one, unless it says that it
  /// may be shared.
  ///
  /// Name those that something in front of the function has checked: the ones that a load balancer
  /// was told to send in the place of `X-Amzn-Mtls-Clientcert-Subject` and its like (Elastic Load
  /// Balancing, "HTTP header modification for your Application Load Balancer"), or the one that an
  /// authorizer takes a token from.
  public var callerFields: [String] = []

  /// Which requests have the same key.
  public var key = HTTPCacheKeyRules()

  /// The `Cache-Control` of responses with status 200 that have neither `Cache-Control` nor
  /// `Expires` nor `Pragma` nor any of ``targetedFields``; `nil` to leave them as they are.
  public var defaultCacheControl: String?

  /// Names of response fields that say to this cache what `Cache-Control` says to all, the most
  /// important first (RFC 9213).
  ///
  /// The first of them that a response has, and that is a valid dictionary of structured fields,
  /// counts; `Cache-Control` and `Expires` then do not. So a handler can tell this cache, a content
  /// delivery network and browsers different things:
  ///
  /// ```
  /// Lambda-Cache-Control: max-age=3600
  /// CDN-Cache-Control: max-age=600
  /// Cache-Control: no-store
  /// ```
  ///
  /// All of them are passed on with the response, with its `Age`: who keeps it for a shorter time
  /// than this cache may find it stale at once.
  public var targetedFields = ["lambda-cache-control"]

  /// How long a response without an explicit time is fresh, as a part of the time since its
  /// `Last-Modified`; `nil` for not at all.
  ///
  /// RFC 9111, section 4.2.2, suggests 0.1.
  public var heuristicFraction: Double?

  /// The most that a heuristic may come to.
  public var heuristicLimit = Duration.seconds(86_400)

  /// What happens to responses with `Set-Cookie`.
  public var cookies: CookiePolicy

  /// What is put into `ETag` where the handler has put nothing.
  ///
  /// The opaque part is the first half of the SHA-256 of content type, encoding, language and body
  /// in hexadecimal digits: every environment and every version of a function makes the same of
  /// the same response.
  public var entityTags = EntityTagPolicy.strong

  /// Whether clients may ask for fresher or older responses by `Cache-Control` and `Pragma`.
  ///
  /// Turn it off to keep them from having the handler called.
  ///
  /// `max-stale` finds what is kept beyond its time for another purpose: a response with a
  /// validator of the handler's within ``revalidationWindow``, or one with `stale-while-revalidate`
  /// or `stale-if-error` within theirs. Any other is gone when its time is over.
  public var honorsRequestDirectives = true

  /// Whether `stale-while-revalidate` and `stale-if-error` hold beside `s-maxage` in a shared
  /// cache.
  ///
  /// By RFC 9111, section 5.2.2.10, `s-maxage` means that nothing may be used stale; several
  /// content delivery networks read it otherwise.
  public var allowsStaleAfterSharedMaxAge = false

  /// How long a stale response with a validator of the handler's is kept, so that the handler can
  /// answer "not modified" instead of making it again.
  public var revalidationWindow = Duration.seconds(3600)

  /// When a response that was served stale is renewed.
  public var refreshing = Refreshing.atNextAccess

  /// Whether the handler is asked by `GET` for what was asked by `HEAD`, so that the response can
  /// be kept for both.
  public var asksByGET = true

  /// The name of this cache in `Cache-Status` (RFC 9211), which is added to each response then;
  /// `nil` for no such field.
  public var cacheStatusName: String?

  /// Creates the policy of a cache for everybody.
  public static var shared: HTTPCachePolicy {
    HTTPCachePolicy(audience: .shared, cookies: .doNotStore)
  }

  /// Creates the policy of a cache that keeps each user's responses apart.
  ///
  /// - Parameter user: Names the user of a request; see ``Audience/private(by:)``.
  /// - Returns: The policy.
  public static func `private`(
    by user: @escaping @Sendable (HTTPRequestParts) -> String?
  ) -> HTTPCachePolicy {
    HTTPCachePolicy(audience: .private(by: user), cookies: .store)
  }

  private init(audience: Audience, cookies: CookiePolicy) {
    self.audience = audience
    self.cookies = cookies
  }

  /// Whether the cache is for everybody.
  var isShared: Bool {
    switch audience {
    case .shared: true
    case .private: false
    }
  }

  /// Ends the process if a value makes no sense.
  func validate() {
    if let heuristicFraction {
      precondition(
        heuristicFraction > 0 && heuristicFraction <= 1,
        "a heuristic fraction is more than 0 and at most 1, not \(heuristicFraction)")
    }
    if let cacheStatusName {
      precondition(
        !cacheStatusName.isEmpty && cacheStatusName.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F },
        "a name in Cache-Status is one or more printable characters of ASCII")
    }
    for name in callerFields + key.decidingFields + targetedFields {
      precondition(
        !name.isEmpty && name.utf8.allSatisfy(ASCII.isTokenByte),
        "'\(name)' is not the name of a field")
    }
  }
}
