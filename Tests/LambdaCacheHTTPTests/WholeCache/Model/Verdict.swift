@testable import LambdaCacheHTTP

/// Whether a response may be the one to a request, by what the oracle knows and the handler did.
struct Verdict {
  let oracle: StoreOracle
  let request: ModelRequest
  /// `nil` if the cache has thrown the handler's error.
  let response: HTTPResponseParts?
  let steady: Int64
  /// The handler's last answer to this request, if it was a whole one.
  let answer: ModelAnswer?
  /// The response that the handler's last answer confirmed, if it was a 304.
  let confirmed: [StoreOracle.Entry]?
  /// The representation that the handler has confirmed.
  let truth: String?
  let hasFailed: Bool
  let wasAsked: Bool
  /// The response that had to be served.
  let expected: StoreOracle.Entry?
  let representations: [String: String]
  let seenConditions: [(ModelRequest, tag: String?, date: String?)]

  /// - Returns: What is wrong, and what kind of response it is.
  func judge() -> (violations: [String], kind: String) {
    guard ["GET", "HEAD"].contains(request.method) else { return ([], "unsafe") }
    let (violations, kind) = judgeResponse()
    var all = violations + judgeConditions() + judgeStatus()
    if let expected, wasAsked {
      all.append("the handler was asked although \(expected.id) is stored and fresh")
    }
    return (all, kind)
  }

  private func judgeResponse() -> (violations: [String], kind: String) {
    guard let response else {
      return (hasFailed ? [] : ["an error was thrown that the handler did not throw"], "error")
    }
    guard let id = response.fields["x-id"] else {
      if response.status == 504, request.onlyIfCached, !wasAsked { return ([], "refusal") }
      // The handler answers the client's condition where it sees it.
      if response.status == 304, confirmed != nil, passesConditionsOn { return ([], "passed on") }
      return (["\(response.status) is of nobody"], "nobody's")
    }
    if let answer {
      if id == answer.id { return ([], "answer") }
      guard [500, 502, 503, 504].contains(answer.status) else {
        return (["\(id) is served although the handler answered \(answer.id ?? "")"], "wrong")
      }
      return (judgeStored(id, response, hasFailed: true), "instead of an error")
    }
    if let confirmed {
      if !confirmed.contains(where: { $0.id == id }) {
        return (["\(id) is served, which the handler has not confirmed"], "wrong")
      }
      return (
        representations[id] == truth ? [] : ["\(id) is not what the handler has confirmed"],
        "confirmed"
      )
    }
    if hasFailed { return (judgeStored(id, response, hasFailed: true), "instead of a failure") }
    let entries = oracle.possible.filter { $0.id == id }
    let isStale = entries.allSatisfy { $0.age(at: steady) >= oracle.lifetime($0) }
    return (judgeStored(id, response, hasFailed: false), isStale ? "stale" : "hit")
  }

  private func judgeStored(
    _ id: String, _ response: HTTPResponseParts, hasFailed: Bool
  ) -> [String] {
    let entries = oracle.possible.filter { $0.id == id }
    guard !entries.isEmpty else {
      return ["\(id) is served, which was never to be stored, or is invalid or superseded"]
    }
    let allowed = entries.filter {
      oracle.mayServe($0, to: request, at: steady, hasFailed: hasFailed)
    }
    guard !allowed.isEmpty else {
      return entries.map {
        "\(id) must not be served: made for \($0.request), \($0.answer), age \($0.age(at: steady))"
      }
    }
    var violations: [String] = []
    let ages = allowed.map { String($0.age(at: steady) / 1000) }
    if !ages.contains(response.fields["age"] ?? "none") {
      violations.append("\(id) has the Age \(response.fields["age"] ?? "none"), not \(ages)")
    }
    let better = allowed.map { oracle.better(than: $0, for: request, at: steady) }
    if !hasFailed, !request.hasDirectives, better.allSatisfy({ $0 != nil }) {
      violations.append("\(id) is served although \(better[0]?.id ?? "") is later and fresh")
    }
    if oracle.configuration.cookies != .store, response.fields["set-cookie"] != nil {
      violations.append("\(id) sets a cookie again")
    }
    if !oracle.configuration.isShared, request.user == nil {
      violations.append("\(id) is served to nobody that is known")
    }
    return violations
  }

  /// Whether the handler sees the request as it is, and evaluates its conditions.
  private var passesConditionsOn: Bool {
    !request.canChange || (!oracle.configuration.isShared && request.user == nil)
      || (request.method == "HEAD" && !oracle.configuration.asksByGET)
  }

  /// The client's conditions are the cache's to evaluate, and not the handler's beside its own.
  private func judgeConditions() -> [String] {
    if passesConditionsOn { return [] }
    return seenConditions.compactMap { _, tag, date in
      if date == ModelRequest.strangeDate { return "the handler sees the client's time" }
      guard let tag else { return nil }
      let isOurs =
        tag != request.ifNoneMatch
        || representations.values.contains {
          "\"\($0)\"" == tag
        }
      return isOurs ? nil : "the handler sees the client's tag"
    }
  }

  /// A 304 is for a client that has the response.
  private func judgeStatus() -> [String] {
    guard let response, response.status == 304, !passesConditionsOn else { return [] }
    if let condition = request.ifNoneMatch {
      return condition == response.fields["etag"] ? [] : ["a 304 without the client's tag"]
    }
    return request.hasIfModifiedSince ? [] : ["a 304 without a condition"]
  }
}
