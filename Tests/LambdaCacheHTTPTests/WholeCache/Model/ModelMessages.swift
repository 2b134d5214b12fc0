@testable import LambdaCacheHTTP

/// A request of the model: what a cache decides by, as values and not as text.
struct ModelRequest: Equatable, CustomStringConvertible {
  /// A field that responses vary by.
  enum Field: String, CaseIterable {
    case language = "accept-language"
    case cookie
    case flag = "x-flag"
  }

  var method = "GET"
  var target = 0
  /// Whether the target is written with an escape, which the handler can tell.
  var hasEscape = false
  var user: String?
  var isAuthorized = false
  /// Values by field, in the order of ``Field``.
  var values: [String?] = [nil, nil, nil]
  var noCache = false
  var noStore = false
  var onlyIfCached = false
  var maxAge: Int?
  var minFresh: Int?
  var maxStale: Int?
  var staleIfError: Int?
  var ifNoneMatch: String?
  var hasIfModifiedSince = false
  var canChange = true

  /// A time of modification that no response has.
  static let strangeDate = Site.date(-7777)

  var hasDirectives: Bool {
    noCache || noStore || onlyIfCached || maxAge != nil || minFresh != nil || maxStale != nil
      || staleIfError != nil
  }

  /// The request as a client writes it.
  var parts: HTTPRequestParts {
    var fields: HTTPHeaderFields = [:]
    if let user { fields.append(name: "x-user", value: user) }
    if isAuthorized { fields.append(name: "authorization", value: "Bearer 1") }
    for (field, value) in zip(Field.allCases, values) {
      if let value { fields.append(name: field.rawValue, value: value) }
    }
    var directives: [String] = []
    if noCache { directives.append("no-cache") }
    if noStore { directives.append("no-store") }
    if onlyIfCached { directives.append("only-if-cached") }
    if let maxAge { directives.append("max-age=\(maxAge)") }
    if let minFresh { directives.append("min-fresh=\(minFresh)") }
    if let maxStale { directives.append("max-stale=\(maxStale)") }
    if let staleIfError { directives.append("stale-if-error=\(staleIfError)") }
    if !directives.isEmpty {
      fields.append(name: "cache-control", value: directives.joined(separator: ", "))
    }
    if !canChange { fields.append(name: "x-raw", value: "1") }
    if let ifNoneMatch { fields.append(name: "if-none-match", value: ifNoneMatch) }
    if hasIfModifiedSince {
      fields.append(name: "if-modified-since", value: Self.strangeDate)
    }
    return .request(method, Self.path(target, hasEscape: hasEscape), fields)
  }

  static func path(_ target: Int, hasEscape: Bool) -> String {
    hasEscape ? "/%3\(target)" : "/\(target)"
  }

  /// The request that the handler sees, but for directives and conditions.
  init(seen parts: HTTPRequestParts) {
    method = parts.method
    hasEscape = parts.path.hasPrefix("/%3")
    target = Int(parts.path.dropFirst(hasEscape ? 3 : 1)) ?? -1
    user = parts.fields["x-user"]
    isAuthorized = parts.fields["authorization"] != nil
    values = Field.allCases.map { parts.fields[$0.rawValue] }
    noStore = parts.fields["cache-control"]?.contains("no-store") ?? false
    canChange = parts.fields["x-raw"] == nil
  }

  init() {}

  /// A field as RFC 9111, section 4.1, compares it: whitespace in a list and the case of a
  /// language mean nothing, every byte of another field does.
  func selecting(_ field: Field) -> [UInt8]? {
    guard let value = values[Field.allCases.firstIndex(of: field)!] else { return nil }
    guard field == .language else { return Array(value.utf8) }
    return Array(value.lowercased().utf8).filter { $0 != 0x20 }
  }

  /// Whether another request selects by all fields what this one does.
  func isAlike(_ other: ModelRequest) -> Bool {
    target == other.target && hasEscape == other.hasEscape && Self.isSameUser(user, other.user)
      && Field.allCases.allSatisfy { selecting($0) == other.selecting($0) }
  }

  static func isSameUser(_ first: String?, _ second: String?) -> Bool {
    first.map { Array($0.utf8) } == second.map { Array($0.utf8) }
  }

  var description: String {
    let fields = parts.fields.map { "\($0.name): \($0.value)" }.joined(separator: "; ")
    return "\(method) \(parts.path) {\(fields)}\(canChange ? "" : " unchangeable")"
  }
}

/// The handler's answer.
struct ModelAnswer: CustomStringConvertible {
  /// Names the answer, so that what is served tells where it comes from; `nil` for a 304.
  var id: String?
  var status = 200
  /// `nil` for no `Cache-Control` at all.
  var directives: ModelDirectives?
  /// `nil` is a star.
  var vary: [ModelRequest.Field]? = []
  var entityTag: String?
  var lastModified: String?
  /// How many seconds before now it was made; `nil` for no `Date`.
  var madeBefore: Int?
  var age: Int?
  var setsCookie = false
  /// The representation that it is, which differs wherever the handler's truth does.
  var representation = ""

  func parts(now: Int64) -> HTTPResponseParts {
    var fields: HTTPHeaderFields = [:]
    if let id { fields.append(name: "x-id", value: id) }
    if let directives { fields.append(name: "cache-control", value: directives.text) }
    if let vary {
      if !vary.isEmpty {
        fields.append(name: "vary", value: vary.map(\.rawValue).joined(separator: ", "))
      }
    } else {
      fields.append(name: "vary", value: "*")
    }
    if let entityTag { fields.append(name: "etag", value: entityTag) }
    if let lastModified { fields.append(name: "last-modified", value: lastModified) }
    if let madeBefore {
      fields.append(name: "date", value: HTTPDate.format(now - Int64(madeBefore)))
    }
    if let age { fields.append(name: "age", value: "\(age)") }
    if setsCookie { fields.append(name: "set-cookie", value: "s=\(id ?? "")") }
    return HTTPResponseParts(status: status, fields: fields, body: status == 304 ? nil : id)
  }

  var description: String {
    "\(status) \(id ?? "-") {\(directives?.text ?? "-")} vary "
      + (vary.map { $0.map(\.rawValue).joined(separator: "+") } ?? "*")
      + " etag \(entityTag ?? "-") date -\(madeBefore.map(String.init) ?? "") age "
      + (age.map(String.init) ?? "-") + (setsCookie ? " set-cookie" : "")
  }
}

struct ModelDirectives {
  var maxAge: Int?
  var sharedMaxAge: Int?
  var noStore = false
  var noCache = false
  var isPrivate = false
  var isPublic = false
  var mustRevalidate = false
  var proxyRevalidate = false
  var immutable = false
  var staleWhileRevalidate: Int?
  var staleIfError: Int?

  var text: String {
    var list: [String] = []
    if let maxAge { list.append("max-age=\(maxAge)") }
    if let sharedMaxAge { list.append("s-maxage=\(sharedMaxAge)") }
    if noStore { list.append("no-store") }
    if noCache { list.append("no-cache") }
    if isPrivate { list.append("private") }
    if isPublic { list.append("public") }
    if mustRevalidate { list.append("must-revalidate") }
    if proxyRevalidate { list.append("proxy-revalidate") }
    if immutable { list.append("immutable") }
    if let staleWhileRevalidate { list.append("stale-while-revalidate=\(staleWhileRevalidate)") }
    if let staleIfError { list.append("stale-if-error=\(staleIfError)") }
    return list.joined(separator: ", ")
  }
}

/// How a cache is set up.
struct ModelConfiguration: CustomStringConvertible {
  var isShared = true
  var refreshesAfterResponse = false
  var asksByGET = true
  var allowsStaleAfterSharedMaxAge = false
  var cookies = HTTPCachePolicy.CookiePolicy.doNotStore
  var makesTags = true
  /// The cache's own time to live, which is not the responses'.
  var timeToLive: Int?

  var policy: HTTPCachePolicy {
    var policy: HTTPCachePolicy = isShared ? .shared : .personal
    policy.asksByGET = asksByGET
    policy.allowsStaleAfterSharedMaxAge = allowsStaleAfterSharedMaxAge
    policy.cookies = cookies
    policy.entityTags = makesTags ? .strong : .none
    return policy
  }

  var description: String {
    "\(isShared ? "shared" : "private"), after response \(refreshesAfterResponse), by GET "
      + "\(asksByGET), stale after s-maxage \(allowsStaleAfterSharedMaxAge), cookies \(cookies), "
      + "tags \(makesTags), time to live \(timeToLive.map(String.init) ?? "-")"
  }
}
