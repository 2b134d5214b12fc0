internal import LambdaCacheText

/// The fields of a request that decide the behaviour of a cache, found in one pass.
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
    for field in fields.lines { note(field) }
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

  /// - Parameter separator: A line break for fields with one value: a handler that reads the first
  ///   of two lines, or the last, does not see one with a comma.
  private static func join(
    _ field: HTTPHeaderFields.Field, to joined: inout String?, by separator: String = ", "
  ) {
    joined = joined.map { $0 + separator + field.value } ?? field.value
  }

  /// Whether the request came by HTTP without TLS.
  var isPlainHTTP: Bool { forwardedScheme?.equalsIgnoringCase("http") ?? false }
}
