/// Which requests have the same key, and so may be given the same response.
///
/// Everything that decides a response has to be in the key, or in the response's `Vary`: what is
/// left out of both lets one client's response reach another.
public struct HTTPCacheKeyRules: Sendable, Hashable {
  /// Whether the host is in the key.
  ///
  /// Turn it off if all hosts get the same responses.
  public var includesHost = true

  /// Names of parameters that do not decide the response; a trailing `*` stands for any ending.
  public var ignoredParameters: [String] = []

  /// Whether parameters in another order make the same key.
  ///
  /// Those of the same name keep their order.
  public var sortsParameters = true

  /// Whether escapes are brought into one form: `%7E` and `~` are the same, `%2f` and `%2F` too
  /// (RFC 3986, section 6.2.2).
  public var unifiesEscapes = true

  /// Names of request fields that decide the response although it does not name them in `Vary`.
  public var decidingFields: [String] = []

  /// What advertising and newsletters add to links, which no handler looks at.
  public static let trackingParameters = [
    "utm_*", "gclid", "gclsrc", "gbraid", "wbraid", "dclid", "fbclid", "msclkid", "twclid",
    "ttclid", "li_fat_id", "igshid", "mc_cid", "mc_eid", "_ga", "_gl",
  ]

  /// Creates the rules that are right for any handler: nothing is ignored.
  public init() {}

  /// The key of a request's target: scheme, host, stage, then path and query.
  ///
  /// The first three end with a line break, which none of them and no normal path has, so that
  /// different targets have different keys whatever a client puts into them.
  func target(of request: HTTPRequestParts, _ facts: RequestFacts) -> String {
    var key = ""
    key.reserveCapacity(request.path.utf8.count + (request.query?.utf8.count ?? 0) + 64)
    let isPlain = facts.forwardedScheme?.equalsIgnoringCase("http") ?? false
    key += isPlain ? "http\n" : "https\n"
    if includesHost, let host = request.authority ?? facts.host {
      appendHost(host, defaultPort: isPlain ? ":80" : ":443", to: &key)
    }
    key += "\n"
    if let stage = request.stage { key += PercentEncoding.distinct(stage) }
    key += "\n"
    PercentEncoding.appendNormalized(request.path, to: &key, unifiesEscapes: unifiesEscapes)
    if let query = request.query, !query.isEmpty { appendQuery(query, to: &key) }
    return key
  }

  private func appendHost(_ host: String, defaultPort: String, to key: inout String) {
    let host = host.lowercasedASCII
    let name = host.hasSuffix(defaultPort) ? host.dropLast(defaultPort.utf8.count) : host[...]
    key += PercentEncoding.distinct(String(name))
  }

  private func appendQuery(_ query: String, to key: inout String) {
    var parameters: [(name: Substring, whole: String)] = []
    for part in query.split(byte: ASCII.ampersand) where !part.isEmpty {
      var whole = ""
      PercentEncoding.appendNormalized(String(part), to: &whole, unifiesEscapes: unifiesEscapes)
      let name = whole.prefix(upToByte: ASCII.equals)
      if !isIgnored(name) { parameters.append((name, whole)) }
    }
    if sortsParameters, parameters.count > 1 {
      // The standard library's sort is stable, as it happens; nobody promises it.
      let order = parameters.indices.sorted {
        (parameters[$0].name, $0) < (parameters[$1].name, $1)
      }
      parameters = order.map { parameters[$0] }
    }
    var separator = "?"
    for parameter in parameters {
      key += separator
      key += parameter.whole
      separator = "&"
    }
  }

  private func isIgnored(_ name: Substring) -> Bool {
    ignoredParameters.contains { pattern in
      pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
    }
  }
}

/// The fields of a request that decide what a cache does, found in one pass.
struct RequestFacts {
  private(set) var cacheControl: String?
  private(set) var pragma: String?
  private(set) var ifNoneMatch: String?
  private(set) var ifModifiedSince: String?
  private(set) var host: String?
  private(set) var forwardedScheme: String?
  private(set) var hasAuthorization = false
  private(set) var range: String?
  private(set) var ifRange: String?
  /// Whether there is a condition that a cache does not evaluate (RFC 9111, section 4.3.2).
  private(set) var hasOriginCondition = false

  init(_ fields: HTTPHeaderFields) {
    for field in fields { note(field) }
  }

  private mutating func note(_ field: HTTPHeaderFields.Field) {
    let name = field.name
    switch name.utf8.count {
    case 4: if name.equalsIgnoringCase("host") { host = field.value }
    case 5: if name.equalsIgnoringCase("range") { Self.join(field, to: &range) }
    case 6: if name.equalsIgnoringCase("pragma") { Self.join(field, to: &pragma) }
    case 8:
      if name.equalsIgnoringCase("if-match") {
        hasOriginCondition = true
      } else if name.equalsIgnoringCase("if-range") {
        Self.join(field, to: &ifRange)
      }
    case 13:
      if name.equalsIgnoringCase("cache-control") {
        Self.join(field, to: &cacheControl)
      } else if name.equalsIgnoringCase("authorization") {
        hasAuthorization = true
      } else if name.equalsIgnoringCase("if-none-match") {
        Self.join(field, to: &ifNoneMatch)
      }
    case 17:
      if name.equalsIgnoringCase("if-modified-since") {
        ifModifiedSince = field.value
      } else if name.equalsIgnoringCase("x-forwarded-proto") {
        forwardedScheme = field.value
      }
    case 19: if name.equalsIgnoringCase("if-unmodified-since") { hasOriginCondition = true }
    default: break
    }
  }

  private static func join(_ field: HTTPHeaderFields.Field, to joined: inout String?) {
    joined = joined.map { $0 + ", " + field.value } ?? field.value
  }
}
