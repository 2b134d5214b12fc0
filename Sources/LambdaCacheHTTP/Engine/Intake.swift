internal import LambdaCacheText

/// Brings a response of the handler into the form that is sent and stored.
struct Intake {
  let policy: HTTPCachePolicy

  /// A response to send, and to store if that is permitted.
  struct Result {
    var response: HTTPResponseParts
    var entityTag: EntityTag?
    /// In seconds.
    var lastModified: Int64
    /// The stored form; `nil` if storing is not permitted or useless.
    var record: ResponseRecord?
    var timeToLive = Duration.zero
  }

  /// The beginning and the end of the handler's call.
  struct Times {
    let asked: HTTPClock.Reading
    let answered: HTTPClock.Reading
  }

  /// Takes a response.
  ///
  /// - Parameters:
  ///   - response: The response of the handler.
  ///   - times: The times of its call.
  ///   - isAuthorized: Whether the request was authorized.
  ///   - isWhole: Whether it is the answer to a `GET`.
  ///   - mayStore: Whether the request permits storing.
  ///   - ownTag: The entity tag that was made here for a response that has now been validated.
  ///   - particulars: The properties of the target that the handler saw beside its key.
  func callAsFunction(
    _ response: HTTPResponseParts, times: Times, isAuthorized: Bool, isWhole: Bool,
    mayStore: Bool, ownTag: EntityTag? = nil, particulars: String? = nil
  ) -> Result {
    var response = response
    addDefaultCacheControl(to: &response)
    let directives = ResponseDirectives(
      response.fields, targetedFields: policy.targetedFields)
    let date = settledDate(of: &response, now: times.answered.seconds)
    var tag = response.fields["etag"].flatMap { EntityTag($0) }
    let hasOwnTag =
      ownTag.map { $0 == tag } ?? (isWhole && addEntityTag(to: &response, &tag, directives))
    let modified = response.fields["last-modified"].flatMap {
      HTTPDate.parse($0, now: times.answered.seconds)
    }
    var result = Result(
      response: response, entityTag: tag, lastModified: modified ?? date, record: nil)
    let storability = Storability(
      response, directives, date: date, isAuthorized: isAuthorized, policy: policy)
    guard isWhole, mayStore, storability.isAllowed,
      let varyingFields = Self.varyingFields(response.fields["vary"])
    else { return result }
    var traits = storability.traits
    if hasOwnTag { traits.insert(.hasOwnTag) }
    if (tag != nil && !hasOwnTag) || modified != nil { traits.insert(.canValidate) }
    let record = ResponseRecord(
      response: kept(response, directives), entityTag: tag, lastModified: modified ?? date,
      date: date, varyingFields: varyingFields, particulars: particulars,
      storability: storability, traits: traits,
      initialAge: Self.initialAge(response.fields, date: date, times: times),
      arrival: times.answered.steady)
    result.timeToLive = record.timeToLive(policy: policy)
    if result.timeToLive > .zero { result.record = record }
    return result
  }

  private func addDefaultCacheControl(to response: inout HTTPResponseParts) {
    guard let defaultCacheControl = policy.defaultCacheControl, response.status == 200,
      !["cache-control", "expires", "pragma"].contains(where: response.fields.contains(named:)),
      !policy.targetedFields.contains(where: response.fields.contains(named:))
    else { return }
    response.fields.append(name: "cache-control", value: defaultCacheControl)
  }

  /// The date of a response, which gets one if it has none that can be read (RFC 9110,
  /// section 6.6.1).
  private func settledDate(of response: inout HTTPResponseParts, now: Int64) -> Int64 {
    if let text = response.fields["date"], let date = HTTPDate.parse(text, now: now) { return date }
    response.fields["date"] = HTTPDate.format(now)
    return now
  }

  /// Makes an entity tag for a response that has none.
  ///
  /// - Returns: Whether one was made.
  private func addEntityTag(
    to response: inout HTTPResponseParts, _ tag: inout EntityTag?, _ directives: ResponseDirectives
  ) -> Bool {
    guard policy.entityTags != .none, response.status == 200, let body = response.body,
      !directives.noStore, !response.fields.contains(named: "etag")
    else { return false }
    var hash = SHA256()
    for name in ["content-type", "content-encoding", "content-language"] {
      let value = response.fields[name] ?? ""
      hash.update("\(value.utf8.count):\(value)")
    }
    hash.update(response.isBase64Encoded ? "b" : "t")
    hash.update(body)
    let opaque = hash.finalize().prefix(4).map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
    let made = EntityTag(isWeak: policy.entityTags == .weak, opaque: opaque)
    response.fields.append(name: "etag", value: made.text)
    tag = made
    return true
  }

  /// The names in `Vary` in alphabetical order, or `nil` if no request selects the response again.
  ///
  /// Their number is limited, because each name costs every request for the target.
  private static func varyingFields(_ vary: String?) -> [String]? {
    guard let vary else { return [] }
    let names = FieldNames(vary)
    guard !names.hasWildcard, names.names.count <= longestVary else { return nil }
    return names.names.sorted()
  }

  /// The most names in `Vary` of a response that is stored.
  static let longestVary = 64

  /// The age of a response on arrival, in milliseconds (RFC 9111, section 4.2.3).
  ///
  /// Of several values of `Age` the first counts, if it is a number.
  private static func initialAge(
    _ fields: HTTPHeaderFields, date: Int64, times: Times
  ) -> Int64 {
    let apparent = max(0, times.answered.seconds - date) * 1000
    let delay = max(0, times.answered.steady - times.asked.steady)
    let value = fields.values(named: "age").first.flatMap {
      DirectiveSeconds.parse(String($0.prefix(upToByte: ASCII.comma).trimmed))
    }
    return max(apparent, Int64(value ?? 0) * 1000 + delay)
  }

  /// The part of a response that is stored (RFC 9111, section 3.1).
  private func kept(
    _ response: HTTPResponseParts, _ directives: ResponseDirectives
  ) -> HTTPResponseParts {
    var dropped = Self.connectionFields
    if let connection = response.fields["connection"] {
      dropped.formUnion(FieldNames(connection).names)
    }
    dropped.formUnion(directives.noCacheFields)
    if policy.isShared { dropped.formUnion(directives.privateFields) }
    if policy.cookies == .storeWithout { dropped.insert("set-cookie") }
    var kept = response
    kept.fields.removeAll { dropped.contains($0.name.lowercasedASCII) }
    kept.fields = kept.fields.withoutUnusedCapacity
    return kept
  }

  private static let connectionFields: Set<String> = [
    "connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade",
    "proxy-authenticate", "proxy-authentication-info", "proxy-authorization", "age",
  ]

  /// The fields of a stored response, brought up to date by a 304 (RFC 9111, sections 3.2 and
  /// 4.3.4): all but those that describe the body, which is still the stored one.
  static func freshened(
    _ stored: HTTPResponseParts, by response: HTTPResponseParts
  ) -> HTTPResponseParts {
    let kept: Set<String> = ["content-length", "content-encoding", "content-range"]
    let ofTheConnection = connectionFields.subtracting(["age"]).union(
      response.fields["connection"].map(FieldNames.init)?.names ?? [])
    var result = stored
    // An age and a date are those of the 304.
    result.fields.removeAll(named: "date")
    for (name, values) in response.fields.grouped {
      let lowercased = name.lowercasedASCII
      if kept.contains(lowercased) || ofTheConnection.contains(lowercased) { continue }
      result.fields.removeAll(named: name)
      for value in values { result.fields.append(name: name, value: value) }
    }
    return result
  }
}

extension StringProtocol {
  /// The text without spaces and tabs at its ends.
  fileprivate var trimmed: Substring { String(self).trimmingWhitespace }
}
