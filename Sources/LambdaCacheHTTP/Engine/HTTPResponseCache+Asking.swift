internal import LambdaCache

/// Calls the handler, and stores its answers.
extension HTTPResponseCache {
  /// Has the handler make a response, or confirm a stored one.
  ///
  /// - Parameters:
  ///   - origin: The handler.
  ///   - request: The request that it is called for.
  ///   - stored: The stored response that the request selects.
  /// - Throws: Any error of the handler.
  func ask(
    _ origin: Origin, for request: CachedRequest, stored: ResponseRecord?
  ) async throws -> Fetched {
    let target = request.address.target
    let epoch = invalidations.begin(target)
    defer { invalidations.end(target) }
    let canChange = origin.canChange()
    let isWhole = asksForWhole(request, origin)
    let validators = canChange && isWhole ? stored?.validators ?? [] : []
    let facts = request.facts
    let hasConditions = facts.ifNoneMatch != nil || facts.ifModifiedSince != nil
    let mustChange = request.parts.method != "GET" || hasConditions || !validators.isEmpty
    var asked = clock.now()
    var response = try await origin.ask(
      canChange && isWhole && mustChange
        ? ("GET", request.originFields(validators: validators)) : nil)
    var confirmed: ResponseRecord?
    if response.status == 304, let stored, !validators.isEmpty {
      if Self.confirms(response, stored) {
        confirmed = stored
        response = Intake.freshened(stored.response, by: response)
      } else {
        asked = clock.now()
        response = try await origin.ask(("GET", request.originFields(validators: [])))
      }
    }
    let result = take(
      response, Intake.Times(asked: asked, answered: clock.now()), request, isWhole: isWhole,
      stored: stored, confirmed: confirmed)
    // A part, and an answer to `HEAD`, supersede nothing.
    let supersedes = stored != nil && isWhole && response.status < 500 && response.status != 206
    return keep(
      result, request, originStatus: confirmed == nil ? response.status : 304, epoch: epoch,
      supersedes: supersedes)
  }

  /// Whether a 304 is about the stored response (RFC 9111, section 4.3.4).
  private static func confirms(_ response: HTTPResponseParts, _ stored: ResponseRecord) -> Bool {
    if let text = response.fields["etag"] {
      guard let tag = EntityTag(text), let storedTag = stored.entityTag else { return false }
      return tag.isWeak ? tag.matchesWeakly(storedTag) : tag.matchesStrongly(storedTag)
    }
    guard let modified = response.fields["last-modified"] else { return true }
    return modified == stored.response.fields["last-modified"]
  }

  private func take(
    _ response: HTTPResponseParts, _ times: Intake.Times, _ request: CachedRequest, isWhole: Bool,
    stored: ResponseRecord?, confirmed: ResponseRecord?
  ) -> Intake.Result {
    // An error must not replace a response that may be served instead of it.
    let isWorse =
      stored.map {
        Self.isServerFailure(response.status)
          && Reuse.isAllowedOnError(
            $0, age: $0.age(at: times.answered), directives: request.directives)
      } ?? false
    let ownTag = confirmed.flatMap { $0.traits.contains(.hasOwnTag) ? $0.entityTag : nil }
    return Intake(policy: policy)(
      response, times: times, isAuthorized: request.isAuthorized, isWhole: isWhole,
      mayStore: !request.directives.noStore && !isWorse, ownTag: ownTag,
      particulars: request.address.particulars)
  }

  /// Stores a response, unless its target was invalidated since the handler was asked.
  ///
  /// - Parameter supersedes: Whether it takes the place of a stored response.
  private func keep(
    _ result: Intake.Result, _ request: CachedRequest, originStatus: Int, epoch: UInt64,
    supersedes: Bool
  ) -> Fetched {
    var fetched = Fetched(
      response: result.response, entityTag: result.entityTag, lastModified: result.lastModified,
      record: result.record, isStored: false, originStatus: originStatus)
    let target = request.address.target
    guard let record = result.record else {
      // The handler has made a new response that is not stored; the former one is obsolete.
      if supersedes, !request.directives.noStore {
        store.removeSelected(by: request.address)
      }
      return fetched
    }
    guard invalidations.epoch(of: target) == epoch else { return fetched }
    let (key, isStored) = store.insert(
      record, at: request.address, timeToLive: result.timeToLive)
    fetched.isStored = isStored
    // An invalidation begins the epoch first and removes afterwards: either this thread sees the
    // new epoch, or the removal sees the response. Until it is released, no request finds it.
    if invalidations.epoch(of: target) == epoch {
      record.release()
    } else if isStored {
      store.remove(record, forKey: key)
      fetched.isStored = false
    }
    return fetched
  }
}
