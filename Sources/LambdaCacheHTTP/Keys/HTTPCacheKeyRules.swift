/// Which requests have the same key, and so may be given the same response.
///
/// Everything that decides a response has to be in the key, or in the response's `Vary`: what is
/// left out of both lets one client's response reach another. So the key has the target as the
/// handler sees it, byte for byte, and only a change removes what is kept for all spellings of a
/// target. Rules that unite several of them change the request before the handler sees it; where
/// the event cannot be changed, they do not count.
///
/// What is new in each request is in no key: the address that it came from, its time and its id. A
/// response that depends on them has to say `private` or `no-store`.
public struct HTTPCacheKeyRules: Sendable, Hashable {
  /// Whether the host is in the key.
  ///
  /// Turn it off if all hosts get the same responses.
  public var includesHost = true

  /// Names of parameters that do not decide the response; a trailing `*` stands for any ending.
  ///
  /// The handler does not see them.
  public var ignoredParameters: [String] = []

  /// Whether parameters are brought into alphabetical order.
  ///
  /// Those of the same name keep their order.
  public var sortsParameters = false

  /// Whether escapes are brought into one form: `%7E` becomes `~`, and `%2f` becomes `%2F` (RFC
  /// 3986, section 6.2.2).
  public var unifiesEscapes = false

  /// Names of request fields that decide the response although it does not name them in `Vary`.
  public var decidingFields: [String] = []

  /// What advertising and newsletters add to links, which no handler looks at.
  public static let trackingParameters = [
    "utm_*", "gclid", "gclsrc", "gbraid", "wbraid", "dclid", "fbclid", "msclkid", "twclid",
    "ttclid", "li_fat_id", "igshid", "mc_cid", "mc_eid", "_ga", "_gl",
  ]

  /// Creates the rules that are right for any handler: only equal requests have the same key.
  public init() {}

  // MARK: The key

  /// The key of a request's target: scheme, host, stage, path and query, a line each.
  ///
  /// All spellings of a target have one key, so that a change of any of them is a change of all;
  /// see ``spelling(of:_:)``. No part has a line break in it, so that different targets have
  /// different keys whatever a client puts into them.
  func target(of request: HTTPRequestParts, _ facts: RequestFacts) -> String {
    var key = ""
    key.reserveCapacity(request.path.utf8.count + (request.query?.utf8.count ?? 0) + 64)
    key += facts.isPlainHTTP ? "http\n" : "https\n"
    if includesHost, let host = request.authority ?? facts.host {
      key += PercentEncoding.distinct(Self.canonicalHost(host, isPlainHTTP: facts.isPlainHTTP))
    }
    key += "\n"
    if let stage = request.stage { key += PercentEncoding.distinct(stage) }
    key += "\n"
    key += PercentEncoding.canonical(request.path, .path)
    key += "\n"
    if let query = request.query { key += PercentEncoding.canonical(query, .query) }
    return key
  }

  /// The host in lower case and without a port that goes without saying (RFC 9110, section 4.2.3).
  static func canonicalHost(_ host: String, isPlainHTTP: Bool) -> String {
    let host = host.lowercasedASCII
    for port in [isPlainHTTP ? ":80" : ":443", ":"] where host.utf8.count > port.utf8.count {
      let bytes = host.utf8.dropLast(port.utf8.count)
      if host.utf8.dropFirst(bytes.count).elementsEqual(port.utf8) {
        return String(decoding: bytes, as: UTF8.self)
      }
    }
    return host
  }

  /// How the target of a request is spelled, if that is not the spelling of its key: the handler
  /// can tell spellings apart, and each gets its own response.
  ///
  /// - Returns: A text that only the same spelling makes; `nil` for that of the key.
  func spelling(of request: HTTPRequestParts, _ facts: RequestFacts) -> String? {
    func odd(_ text: String, _ usual: String) -> String? {
      text.utf8.elementsEqual(usual.utf8) ? nil : text
    }
    let path = odd(request.path, PercentEncoding.canonical(request.path, .path))
    let query = request.query.flatMap { odd($0, PercentEncoding.canonical($0, .query)) }
    var (authority, host): (String?, String?)
    if includesHost, let named = request.authority ?? facts.host {
      let usual = Self.canonicalHost(named, isPlainHTTP: facts.isPlainHTTP)
      authority = request.authority.flatMap { odd($0, usual) }
      host = facts.host.flatMap { odd($0, usual) }
    }
    let scheme = facts.forwardedScheme.flatMap { odd($0, facts.isPlainHTTP ? "http" : "https") }
    if path == nil, query == nil, authority == nil, host == nil, scheme == nil { return nil }
    var text = KeyText()
    text.append(path)
    text.append(query)
    text.append(authority)
    text.append(host)
    text.append(scheme)
    return text.text
  }

  /// What the handler sees of the target that is in no spelling, because hardly any two requests
  /// for one target differ in it, and because it is not known where a target is only named.
  ///
  /// - Returns: A text that only the same make; `nil` if there is nothing unusual.
  func particulars(of request: HTTPRequestParts, _ facts: RequestFacts) -> String? {
    let hasScheme = facts.forwardedScheme != nil
    guard let routing = request.routing else { return hasScheme ? nil : "-" }
    var text = KeyText(hasScheme ? "" : "-")
    text.append(routing)
    return text.text
  }

  // MARK: One spelling

  /// A request with the spelling of its target that these rules choose among those they unite.
  func normalized(_ request: HTTPRequestParts) -> HTTPRequestParts {
    var request = request
    if unifiesEscapes { request.path = PercentEncoding.unified(request.path) }
    let hasRules = unifiesEscapes || sortsParameters || !ignoredParameters.isEmpty
    if hasRules, let query = request.query, !query.isEmpty {
      request.query = normalized(query: query)
    }
    return request
  }

  private func normalized(query: String) -> String {
    var parameters: [(name: Substring, whole: String)] = []
    for part in query.split(byte: ASCII.ampersand) where !part.isEmpty {
      let whole = unifiesEscapes ? PercentEncoding.unified(String(part)) : String(part)
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
    return parameters.map(\.whole).joined(separator: "&")
  }

  private func isIgnored(_ name: Substring) -> Bool {
    ignoredParameters.contains { pattern in
      pattern.utf8.last == ASCII.asterisk
        ? name.utf8.starts(with: pattern.utf8.dropLast())
        : name.utf8.elementsEqual(pattern.utf8)
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
    case 4: if name.equalsIgnoringCase("host") { Self.join(field, to: &host, by: "\n") }
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
      } else if name.equalsIgnoringCase("if-none-match") {
        Self.join(field, to: &ifNoneMatch)
      }
    case 17:
      if name.equalsIgnoringCase("if-modified-since") {
        ifModifiedSince = field.value
      } else if name.equalsIgnoringCase("x-forwarded-proto") {
        Self.join(field, to: &forwardedScheme, by: "\n")
      }
    case 19: if name.equalsIgnoringCase("if-unmodified-since") { hasOriginCondition = true }
    default: break
    }
  }

  /// - Parameter separator: A line break for what has one value: two lines are not one with a comma
  ///   for a handler that reads the first, or the last.
  private static func join(
    _ field: HTTPHeaderFields.Field, to joined: inout String?, by separator: String = ", "
  ) {
    joined = joined.map { $0 + separator + field.value } ?? field.value
  }

  /// Whether the request came by HTTP without TLS.
  var isPlainHTTP: Bool { forwardedScheme?.equalsIgnoringCase("http") ?? false }
}
