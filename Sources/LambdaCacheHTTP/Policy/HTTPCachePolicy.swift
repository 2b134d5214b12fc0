internal import LambdaCacheText

/// The behaviour of an ``HTTPResponseCache`` where the standards leave a choice.
///
/// ## The key Requests with the same key may be given the same response. Everything that decides a
/// response has to be in the key, or in the response's `Vary`: anything else lets one client's
/// response reach another. So the key has the target as the handler sees it, byte for byte, and
/// only a change removes the responses for all spellings of a target. Settings that unite several
/// spellings change the request before the handler sees it; where the event cannot be changed, they
/// have no effect.
///
/// The key has nothing that is new in each request: the address of the client, the time and the
/// request's identifier. A response that depends on them has to say `private` or `no-store`.
public struct HTTPCachePolicy: Sendable {
  /// The kinds of caches (RFC 9111, section 1).
  enum Audience: Sendable {
    case shared
    /// A cache that keeps the responses of each user apart; the closure identifies the user.
    case `private`(by: @Sendable (HTTPRequestParts) -> String?)
  }

  /// The treatment of responses with `Set-Cookie`.
  public enum CookiePolicy: Sendable, Hashable {
    /// They are not stored.
    case doNotStore
    /// They are stored without it: only the client that caused the handler's call gets the cookie.
    case storeWithout
    /// They are stored with it, as RFC 9111, section 7.3, allows: every client gets the same
    /// cookie.
    case store
  }

  /// The entity tags of responses for which the handler has made none.
  public enum EntityTagPolicy: Sendable, Hashable {
    /// Strong: equal only for equal bytes.
    case strong
    /// Weak, for caches behind which something changes the bytes, as compression does.
    case weak
    /// No entity tags.
    case none
  }

  let audience: Audience

  /// Names of request fields that identify the caller, beside those that the gateways of AWS and
  /// others use: a shared cache stores no response to a request that has one, unless the response
  /// permits sharing.
  ///
  /// Name those that something in front of the function has checked: the ones that a load balancer
  /// is configured to send instead of `X-Amzn-Mtls-Clientcert-Subject` and its like (Elastic Load
  /// Balancing, "HTTP header modification for your Application Load Balancer"), or the one that an
  /// authorizer takes a token from.
  public var callerFields: [String] = []

  // MARK: The key

  /// Whether the host is in the key.
  ///
  /// Turn it off if all hosts get the same responses.
  public var includesHost = true

  /// Names of query parameters that do not decide the response; a trailing `*` stands for any
  /// ending.
  ///
  /// The handler does not see them.
  public var ignoredParameters: [String] = []

  /// Whether query parameters are brought into alphabetical order.
  ///
  /// Those of the same name keep their order.
  public var sortsParameters = false

  /// Whether escapes are brought into one form: `%7E` becomes `~`, and `%2f` becomes `%2F` (RFC
  /// 3986, section 6.2.2).
  public var unifiesEscapes = false

  /// Names of request fields that decide the response although it does not name them in `Vary`.
  public var decidingFields: [String] = []

  /// Parameters that advertising and newsletters add to links, which no handler uses.
  public static let trackingParameters = [
    "utm_*", "gclid", "gclsrc", "gbraid", "wbraid", "dclid", "fbclid", "msclkid", "twclid",
    "ttclid", "li_fat_id", "igshid", "mc_cid", "mc_eid", "_ga", "_gl",
  ]

  // MARK: Storing

  /// The `Cache-Control` of responses with status 200 that have neither `Cache-Control` nor
  /// `Expires` nor `Pragma` nor any of ``targetedFields``; `nil` to leave them as they are.
  public var defaultCacheControl: String?

  /// Names of response fields that hold for this cache instead of `Cache-Control`, the most
  /// important first (RFC 9213).
  ///
  /// The first of them that a response has, and that is a valid dictionary of structured fields,
  /// counts; `Cache-Control` and `Expires` then do not. So a handler can give different directives
  /// to this cache, a content delivery network and browsers:
  ///
  /// ```
  /// Lambda-Cache-Control: max-age=3600
  /// CDN-Cache-Control: max-age=600
  /// Cache-Control: no-store
  /// ```
  ///
  /// All of them are passed on with the response, with its `Age`: a cache that stores it for a
  /// shorter time than this one may find it stale at once.
  public var targetedFields = ["lambda-cache-control"]

  /// The time for which a response without an explicit one is fresh, as a fraction of the time
  /// since its `Last-Modified`; `nil` for no time.
  ///
  /// RFC 9111, section 4.2.2, suggests 0.1.
  public var heuristicFraction: Double?

  /// The longest time that the heuristic may give.
  public var heuristicLimit = Duration.seconds(86_400)

  /// The treatment of responses with `Set-Cookie`.
  public var cookies: CookiePolicy

  /// The `ETag` of responses for which the handler has made none.
  ///
  /// The opaque part is the first half of the SHA-256 of content type, encoding, language and body
  /// in hexadecimal digits: every environment and every version of a function makes the same one
  /// for the same response.
  public var entityTags = EntityTagPolicy.strong

  /// Whether clients may request fresher or older responses by `Cache-Control` and `Pragma`.
  ///
  /// Turn it off so that clients cannot cause calls of the handler.
  ///
  /// `max-stale` finds responses that are stored beyond their time for another purpose: those with
  /// a validator of the handler's within ``revalidationWindow``, and those with
  /// `stale-while-revalidate` or `stale-if-error` within their windows. Any other is gone when its
  /// time is over.
  public var honorsRequestDirectives = true

  /// Whether `stale-while-revalidate` and `stale-if-error` have an effect beside `s-maxage` in a
  /// shared cache.
  ///
  /// By RFC 9111, section 5.2.2.10, `s-maxage` means that nothing may be used stale; several
  /// content delivery networks read it otherwise.
  public var allowsStaleAfterSharedMaxAge = false

  /// The time for which a stale response with a validator of the handler's is stored, so that the
  /// handler can answer "not modified" instead of making it again.
  public var revalidationWindow = Duration.seconds(3600)

  /// Whether the handler is called with `GET` for a request with `HEAD`, so that the response can
  /// be stored for both.
  public var asksByGET = true

  /// The name of this cache in `Cache-Status` (RFC 9211), which is added to each response then;
  /// `nil` for no such field.
  public var cacheStatusName: String?

  /// The policy of a shared cache: responses that are `private`, or that were made for an
  /// authorized request and do not permit sharing, are not stored.
  public static var shared: HTTPCachePolicy {
    HTTPCachePolicy(audience: .shared, cookies: .doNotStore)
  }

  /// Creates the policy of a cache that keeps each user's responses apart: `private` responses are
  /// stored, `s-maxage` and `proxy-revalidate` have no effect.
  ///
  /// - Parameter user: Identifies the user of a request, in a way that no other user can imitate:
  ///   by the subject that an authorizer has checked, or by the whole `Authorization` field. `nil`
  ///   is for requests that are not to be cached.
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

  /// Whether responses are for all users.
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
    for name in callerFields + decidingFields + targetedFields {
      precondition(
        !name.isEmpty && name.utf8.allSatisfy(ASCII.isTokenByte),
        "'\(name)' is not the name of a field")
    }
  }
}
