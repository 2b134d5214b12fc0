internal import LambdaCache

/// Answers from the cache, or by the handler.
extension HTTPResponseCache {
  /// The response to a request.
  ///
  /// - Parameters:
  ///   - request: A request that may be answered from the cache.
  ///   - origin: The handler.
  /// - Throws: Any error of the handler, if nothing may be served instead.
  func respond(to request: CachedRequest, origin: Origin) async throws -> HTTPResponseParts {
    let now = clock.now()
    let finding = store.find(request.address, at: now)
    guard let record = finding.record else {
      guard !request.directives.onlyIfCached else { return refusal }
      let reason: CacheStatus.Forwarding.Reason = finding.knowsTarget ? .varyMiss : .uriMiss
      return try await fetch(request, nil, callKey: finding.callKey, origin, reason)
    }
    switch Reuse(record, age: record.age(at: now), directives: request.directives) {
    case .serve, .serveStale: return serve(record, to: request, at: now)
    case .serveAndRenew where request.directives.onlyIfCached:
      return serve(record, to: request, at: now)
    case .serveAndRenew where request.range == nil:
      switch decideRevalidation(of: record, finding.callKey, request, origin) {
      case .serveStale: return serve(record, to: request, at: now)
      case .revalidate:
        defer { revalidations.finish(finding.callKey) }
        return try await fetch(request, record, callKey: finding.callKey, origin, .stale)
      }
    case .serveAndRenew:
      return try await fetch(request, record, callKey: finding.callKey, origin, .stale)
    case .validate(let reason):
      guard !request.directives.onlyIfCached else { return refusal }
      return try await fetch(
        request, record, callKey: finding.callKey, origin, reason == .stale ? .stale : .request)
    }
  }

  private func decideRevalidation(
    of record: ResponseRecord, _ key: String, _ request: CachedRequest, _ origin: Origin
  ) -> Revalidations.Decision {
    guard let scope = InvocationScope.current, scope.takesRefreshes else {
      return revalidations.decide(key, record)
    }
    // A revalidation whose response may not be stored must not take the place of one that may.
    guard !request.directives.noStore, asksForWhole(request, origin) else { return .serveStale }
    return revalidations.decide(key, after: scope) { [self] in
      // After an error the stale response stays, and is revalidated when it is served again.
      _ = await outcome(origin, request, record)
      cache.budget?.invocationDidEnd()
    }
  }

  /// A stored response as an answer, with its `Age`.
  private func serve(
    _ record: ResponseRecord, to request: CachedRequest, at now: HTTPClock.Reading
  ) -> HTTPResponseParts {
    let age = record.age(at: now)
    var response = record.response
    response.fields.append(name: "age", value: String(min(age / 1000, Int64(1) << 31)))
    let rest = record.lifetime - age
    return finish(
      response, record.entityTag, record.lastModified, request,
      .hit(timeToLive: rest >= 0 ? rest / 1000 : (rest - 999) / 1000))
  }

  /// The answer of a whole response.
  private func finish(
    _ response: HTTPResponseParts, _ entityTag: EntityTag?, _ lastModified: Int64,
    _ request: CachedRequest, _ status: CacheStatus
  ) -> HTTPResponseParts {
    var response = response
    if policy.cacheStatusName != nil { mark(&response, status) }
    let facts = request.facts
    guard
      facts.ifNoneMatch != nil || facts.ifModifiedSince != nil || request.range != nil
        || request.parts.method == "HEAD"
    else { return response }
    let answer = Answer(
      method: request.parts.method, facts: facts, range: request.range, now: clock.now().seconds)
    return answer(response, entityTag: entityTag, lastModified: lastModified)
  }

  /// Adds a `Cache-Status`, if the policy wants one.
  func mark(_ response: inout HTTPResponseParts, _ status: CacheStatus) {
    guard let name = policy.cacheStatusName else { return }
    response.fields.append(name: "cache-status", value: status.text(name: name))
  }

  /// The answer to `only-if-cached` (RFC 9111, section 5.2.1.7).
  var refusal: HTTPResponseParts {
    var response = HTTPResponseParts(
      status: 504,
      fields: ["date": HTTPDate.format(clock.now().seconds), "cache-control": "no-store"])
    mark(&response, .refused)
    return response
  }

  // MARK: By the handler

  /// Has the handler make or confirm a response, together with other requests if they may share it.
  private func fetch(
    _ request: CachedRequest, _ record: ResponseRecord?, callKey: String, _ origin: Origin,
    _ reason: CacheStatus.Forwarding.Reason
  ) async throws -> HTTPResponseParts {
    if request.range != nil { return try await fetchPart(request, record, origin, reason) }
    // Kept until this request has its response: the shared call ends a little after the handler's,
    // and requests after an invalidation must not join it.
    let target = request.address.target
    let epoch = invalidations.begin(target)
    defer { invalidations.end(target) }
    let key = epoch == 0 ? callKey : callKey + "\n#\(epoch)"
    // A request for a fresh response must not get one that was begun before.
    let mayShare =
      !request.directives.noCache && !request.directives.noStore && reason != .request
      && !unshared.contains(callKey) && asksForWhole(request, origin)
    guard mayShare else {
      return try settle(
        await outcome(origin, request, record), request, record, reason, callKey: callKey)
    }
    let owner = HandlerCall.Owner()
    let call: HandlerCall
    do {
      call = try await calls.value(forKey: key) { [self] _ in
        HandlerCall(
          owner: owner, fields: request.parts.fields,
          result: await outcome(origin, request, record))
      }
    } catch let error as CacheLoadError {
      // The handler was not called; the error is treated like one of its own.
      return try settle(.failure(error), request, record, reason, callKey: callKey)
    }
    if call.owner === owner {
      return try settle(call.result, request, record, reason, callKey: callKey)
    }
    if let response = shared(call, with: request, reason) { return response }
    return try settle(
      await outcome(origin, request, record), request, record, reason, callKey: callKey)
  }

  /// Has the handler answer a request for a part, of which nothing is stored.
  ///
  /// - Parameter record: The stored response that the request selects, which may be served instead
  ///   of an error.
  private func fetchPart(
    _ request: CachedRequest, _ record: ResponseRecord?, _ origin: Origin,
    _ reason: CacheStatus.Forwarding.Reason
  ) async throws -> HTTPResponseParts {
    let result: Result<HTTPResponseParts, any Error>
    do {
      result = .success(try await origin.ask(nil))
    } catch {
      result = .failure(error)
    }
    if let covering = covering(result.map(\.status), record, request) { return covering }
    var response = try result.get()
    mark(&response, .forwarded(CacheStatus.Forwarding(reason: reason)))
    return response
  }

  /// A stored response in the place of a failed answer of the handler, if it may be served.
  ///
  /// - Parameter status: The handler's status code, or its error.
  private func covering(
    _ status: Result<Int, any Error>, _ record: ResponseRecord?, _ request: CachedRequest
  ) -> HTTPResponseParts? {
    guard let record else { return nil }
    switch status {
    case .failure(let error): if error is CancellationError { return nil }
    case .success(let status): if !Self.isServerFailure(status) { return nil }
    }
    let now = clock.now()
    let isAllowed = Reuse.isAllowedOnError(
      record, age: record.age(at: now), directives: request.directives)
    return isAllowed ? serve(record, to: request, at: now) : nil
  }

  /// Whether the handler is asked for a response that may be stored: by `GET`.
  func asksForWhole(_ request: CachedRequest, _ origin: Origin) -> Bool {
    request.parts.method == "GET" || (policy.asksByGET && origin.canChange())
  }

  private func outcome(
    _ origin: Origin, _ request: CachedRequest, _ record: ResponseRecord?
  ) async -> Result<Fetched, any Error> {
    do {
      return .success(try await ask(origin, for: request, stored: record))
    } catch {
      return .failure(error)
    }
  }

  /// The response of another request's call of the handler, if this request may be given it: if it
  /// would be found in the cache now, and be fresh.
  private func shared(
    _ call: HandlerCall, with request: CachedRequest, _ reason: CacheStatus.Forwarding.Reason
  ) -> HTTPResponseParts? {
    guard case .success(let fetched) = call.result, let record = fetched.record else {
      return nil
    }
    let now = clock.now()
    let selects = request.address.selects(record, madeFor: call.fields)
    guard selects, Reuse(record, age: record.age(at: now), directives: request.directives) == .serve
    else { return nil }
    var response = record.response
    response.fields.append(name: "age", value: String(record.age(at: now) / 1000))
    let status = CacheStatus.Forwarding(reason: reason, isCollapsed: true)
    return finish(
      response, record.entityTag, record.lastModified, request, .forwarded(status))
  }

  /// The answer to the request that the handler was called for.
  private func settle(
    _ result: Result<Fetched, any Error>, _ request: CachedRequest, _ record: ResponseRecord?,
    _ reason: CacheStatus.Forwarding.Reason, callKey: String
  ) throws -> HTTPResponseParts {
    if let covering = covering(result.map(\.originStatus), record, request) { return covering }
    let fetched = try result.get()
    if !request.directives.noStore { remember(fetched, callKey: callKey) }
    var status = CacheStatus.Forwarding(reason: reason, isStored: fetched.isStored)
    if fetched.originStatus != fetched.response.status { status.status = fetched.originStatus }
    return finish(
      fetched.response, fetched.entityTag, fetched.lastModified, request, .forwarded(status))
  }

  /// Notes whether waiting for others' responses is useful.
  private func remember(_ fetched: Fetched, callKey: String) {
    let isShareable =
      fetched.record.map {
        Reuse($0, age: $0.initialAge, directives: RequestDirectives()) == .serve
      } ?? false
    if !isShareable {
      unshared.setValue(true, forKey: callKey)
    } else if unshared.contains(callKey) {
      unshared.removeValue(forKey: callKey)
    }
  }

  /// RFC 5861, section 4.
  static func isServerFailure(_ status: Int) -> Bool {
    switch status {
    case 500, 502, 503, 504: true
    default: false
    }
  }
}
