internal import LambdaCacheText

/// The keys of requests.
extension HTTPCachePolicy {
  /// The key of a request's target: scheme, host, stage, path and query, a line each.
  ///
  /// All spellings of a target have one key, so that a change of any of them is a change of all;
  /// see ``spelling(of:_:)``. No part contains a line break, so that different targets have
  /// different keys whatever a client puts into them.
  func target(of request: HTTPRequestParts, _ facts: RequestFacts) -> String {
    var key = ""
    key.reserveCapacity(request.path.utf8.count + (request.query?.utf8.count ?? 0) + 64)
    key += facts.isPlainHTTP ? "http\n" : "https\n"
    if includesHost, let host = request.authority ?? facts.host {
      key += PercentEncoding.distinct(
        PercentEncoding.canonicalHost(host, isPlainHTTP: facts.isPlainHTTP))
    }
    key += "\n"
    if let stage = request.stage { key += PercentEncoding.distinct(stage) }
    key += "\n"
    key += PercentEncoding.canonical(request.path, .path)
    key += "\n"
    if let query = request.query { key += PercentEncoding.canonical(query, .query) }
    return key
  }

  /// The spelling of a request's target, if it differs from that of its key: the handler can
  /// distinguish spellings, so that each has its own response.
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
      let usual = PercentEncoding.canonicalHost(named, isPlainHTTP: facts.isPlainHTTP)
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

  /// The properties of the target that the handler sees and that are in no spelling, because hardly
  /// any two requests for one target differ in them, and because they are not known where a target
  /// is only named.
  ///
  /// - Returns: A text that only the same properties make; `nil` if there is nothing unusual.
  func particulars(of request: HTTPRequestParts, _ facts: RequestFacts) -> String? {
    let hasScheme = facts.forwardedScheme != nil
    guard let routing = request.routing else { return hasScheme ? nil : "-" }
    var text = KeyText(hasScheme ? "" : "-")
    text.append(routing)
    return text.text
  }

  // MARK: One spelling

  /// A request with the spelling of its target that the policy chooses among those it unites.
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
      // The standard library's sort is stable, but that is not documented.
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
