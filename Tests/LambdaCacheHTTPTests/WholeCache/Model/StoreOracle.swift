@testable import LambdaCacheHTTP

/// Which responses a cache may serve, and which it has to have, as RFC 9111 says; written from the
/// standard, over values that are never read from text.
///
/// Two sets of responses are kept: those that nothing forbids to be stored still, and those that
/// are stored for certain. What is served must be among the first, and a request that the second
/// answer must not reach the handler.
struct StoreOracle {
  /// A response as a cache may hold it.
  struct Entry {
    var id: String
    var request: ModelRequest
    var answer: ModelAnswer
    /// In seconds.
    var date: Int64
    /// In milliseconds; section 4.2.3.
    var initialAge: Int64
    /// In steady milliseconds.
    var arrival: Int64

    func age(at now: Int64) -> Int64 { initialAge + now - arrival }
  }

  let configuration: ModelConfiguration
  private(set) var possible: [Entry] = []
  private(set) var certain: [Entry] = []
  /// All responses that there have been: one that is invalid may be confirmed.
  private var former: [Entry] = []

  init(_ configuration: ModelConfiguration) { self.configuration = configuration }

  // MARK: What is stored

  /// The handler has answered a request with a whole response.
  ///
  /// - Parameters:
  ///   - request: As the handler has seen it.
  ///   - delay: How long it took, in milliseconds.
  ///   - now: The wall clock in milliseconds when it had answered.
  ///   - steady: The time that never runs backward.
  mutating func note(
    _ answer: ModelAnswer, to request: ModelRequest, delay: Int64, now: Int64, steady: Int64
  ) {
    certain = certain.filter { !selects(request, $0) }
    guard request.method == "GET", let id = answer.id else { return }
    if !request.noStore, answer.status < 500 {
      possible.removeAll { request.isAlike($0.request) }
    }
    let entry = Entry(id: id, request: request, answer: answer, delay: delay, now, steady)
    guard !request.noStore, mayStore(entry) else { return }
    former.append(entry)
    possible.append(entry)
    if answer.status < 500, lifetime(entry) > entry.initialAge, !answer.setsCookie {
      certain.append(entry)
    }
  }

  /// The handler has confirmed a response.
  ///
  /// - Returns: Those that it may be.
  mutating func note(
    confirmation answer: ModelAnswer, to request: ModelRequest, delay: Int64, now: Int64,
    steady: Int64
  ) -> [Entry] {
    // The client's own condition was true.
    guard request.canChange, request.method == "GET" else {
      certain = certain.filter { !selects(request, $0) }
      return []
    }
    let confirmed = former.filter {
      selects(request, $0) && isValidated($0.answer, by: answer)
    }
    certain = certain.filter { !selects(request, $0) }
    guard !request.noStore else { return confirmed }
    possible.removeAll { request.isAlike($0.request) }
    for old in confirmed {
      // Section 3.2: fields of the 304 take the place of the stored ones.
      var merged = old.answer
      merged.directives = answer.directives ?? merged.directives
      merged.vary = answer.vary.map { $0.isEmpty ? merged.vary ?? [] : $0 }
      merged.madeBefore = answer.madeBefore
      merged.age = answer.age
      let entry = Entry(
        id: old.id, request: request, answer: merged, delay: delay, now, steady)
      guard mayStore(entry) else { continue }
      former.append(entry)
      possible.append(entry)
      if confirmed.count == 1, lifetime(entry) > entry.initialAge { certain.append(entry) }
    }
    return confirmed
  }

  private func isValidated(_ stored: ModelAnswer, by answer: ModelAnswer) -> Bool {
    if let entityTag = stored.entityTag { return entityTag == answer.entityTag }
    return stored.lastModified != nil && stored.lastModified == answer.lastModified
  }

  /// Nothing is known any more of what is stored.
  mutating func forgetCertain() { certain = [] }

  /// Section 4.4.
  mutating func invalidate(_ target: Int) {
    possible.removeAll { $0.request.target == target }
    certain.removeAll { $0.request.target == target }
  }

  /// Section 3.
  private func mayStore(_ entry: Entry) -> Bool {
    let answer = entry.answer
    let directives = answer.directives ?? ModelDirectives()
    guard answer.vary != nil, !directives.noStore else { return false }
    if configuration.isShared {
      guard !directives.isPrivate else { return false }
      let isForAll =
        directives.isPublic || directives.mustRevalidate || directives.sharedMaxAge != nil
      guard !entry.request.isAuthorized || isForAll else { return false }
    } else if entry.request.user == nil {
      return false
    }
    if answer.setsCookie, configuration.cookies == .doNotStore { return false }
    let isExplicit =
      directives.maxAge != nil || directives.isPublic
      || (configuration.isShared ? directives.sharedMaxAge != nil : directives.isPrivate)
    return isExplicit || [200, 404].contains(answer.status)
  }

  // MARK: What is served

  /// Whether a request selects a response (section 4.1).
  func selects(_ request: ModelRequest, _ entry: Entry) -> Bool {
    guard request.target == entry.request.target, request.hasEscape == entry.request.hasEscape,
      configuration.isShared || ModelRequest.isSameUser(request.user, entry.request.user)
    else { return false }
    guard let vary = entry.answer.vary else { return false }
    return vary.allSatisfy { request.selecting($0) == entry.request.selecting($0) }
  }

  /// Section 4.2.1, in milliseconds.
  func lifetime(_ entry: Entry) -> Int64 {
    let directives = entry.answer.directives
    let seconds =
      configuration.isShared ? directives?.sharedMaxAge ?? directives?.maxAge : directives?.maxAge
    return Int64(seconds ?? 0) * 1000
  }

  /// Whether a response may be served without the handler's consent (section 4).
  ///
  /// - Parameter hasFailed: Whether the handler was asked, in vain.
  func mayServe(
    _ entry: Entry, to request: ModelRequest, at now: Int64, hasFailed: Bool = false
  ) -> Bool {
    let directives = entry.answer.directives ?? ModelDirectives()
    guard selects(request, entry), !directives.noCache, !request.noCache else { return false }
    let staleness = entry.age(at: now) - lifetime(entry)
    let isBound =
      configuration.isShared
      && (directives.proxyRevalidate
        || (directives.sharedMaxAge != nil && !configuration.allowsStaleAfterSharedMaxAge))
    if staleness >= 0, directives.mustRevalidate || isBound { return false }
    let renewal = Int64(directives.staleWhileRevalidate ?? 0) * 1000
    if hasFailed {
      let error = Int64(max(directives.staleIfError ?? 0, request.staleIfError ?? 0)) * 1000
      return staleness < max(error, renewal)
    }
    if let maxAge = request.maxAge, entry.age(at: now) > Int64(maxAge) * 1000,
      !(directives.immutable && staleness < 0)
    {
      return false
    }
    if staleness < 0 { return -staleness >= Int64(request.minFresh ?? 0) * 1000 }
    if let maxStale = request.maxStale, staleness <= Int64(maxStale) * 1000 { return true }
    return staleness < renewal && request.minFresh == nil
  }

  /// A later response that a request has to get instead of one that is fresh: the most recent one,
  /// but for those without `Vary`, which every request selects (sections 4 and 4.1).
  func better(than entry: Entry, for request: ModelRequest, at now: Int64) -> Entry? {
    certain.first { other in
      mayServe(other, to: request, at: now) && other.age(at: now) < lifetime(other)
        && other.date > entry.date && other.arrival > entry.arrival
        && (entry.age(at: now) >= lifetime(entry)
          || entry.answer.vary == [] || other.answer.vary != [])
    }
  }

  /// A response that must be served: it is stored and fresh, and nothing speaks against it.
  func mustServe(_ request: ModelRequest, at now: Int64) -> Entry? {
    guard !request.hasDirectives, ["GET", "HEAD"].contains(request.method) else { return nil }
    return certain.first {
      $0.age(at: now) < lifetime($0) && mayServe($0, to: request, at: now)
    }
  }
}

extension StoreOracle.Entry {
  /// A response that has just come.
  init(
    id: String, request: ModelRequest, answer: ModelAnswer, delay: Int64, _ now: Int64,
    _ steady: Int64
  ) {
    let seconds = now.quotientRoundingDown(by: 1000)
    let date = answer.madeBefore.map { seconds - Int64($0) } ?? seconds
    let apparent = max(0, seconds - date) * 1000
    self.init(
      id: id, request: request, answer: answer, date: date,
      initialAge: max(apparent, Int64(answer.age ?? 0) * 1000 + max(0, delay)), arrival: steady)
  }
}

extension Int64 {
  fileprivate func quotientRoundingDown(by divisor: Int64) -> Int64 {
    self >= 0 ? self / divisor : (self - divisor + 1) / divisor
  }
}
