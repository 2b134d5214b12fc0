import TestSupport

@testable import LambdaCacheHTTP

extension SplitMix64 {
  /// Whether something happens that happens so many times in a hundred.
  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

extension ModelConfiguration {
  init(using random: inout SplitMix64) {
    isShared = random.chance(60)
    refreshesAfterResponse = random.chance(50)
    asksByGET = random.chance(80)
    allowsStaleAfterSharedMaxAge = random.chance(20)
    cookies = isShared ? [.doNotStore, .storeWithout].randomElement(using: &random)! : .store
    makesTags = random.chance(50)
    timeToLive = random.chance(40) ? Int.random(in: 1...30, using: &random) : nil
  }
}

extension ModelRequest {
  /// Fields, user and target; values of one field are those of another too, and some users and
  /// values are equal as strings though their bytes are not.
  init(using random: inout SplitMix64, _ configuration: ModelConfiguration) {
    target = random.chance(75) ? 0 : 1
    hasEscape = random.chance(25)
    user =
      configuration.isShared
      ? nil : ["ada", "bob", "\u{E9}", "e\u{301}", nil].randomElement(using: &random)!
    isAuthorized = random.chance(20)
    let choices: [[String?]] = [
      [nil, "de", "en,de", "EN, de", "sid=1"], [nil, "de", "sid=1", "n=\"a, b\"", "n=\"a,b\""],
      [nil, "de", "DE", "\u{E9}", "e\u{301}"],
    ]
    values = choices.map { random.chance(40) ? nil : $0.randomElement(using: &random)! }
  }

  /// Adds what is different in each request.
  ///
  /// - Parameter tags: The representations that there have been.
  mutating func vary(using random: inout SplitMix64, tags: [String]) {
    if random.chance(10) { method = "HEAD" }
    if random.chance(6) {
      method = ["POST", "DELETE"].randomElement(using: &random)!
      hasEscape = random.chance(50)
    }
    canChange = !random.chance(8)
    if random.chance(20), let tag = tags.sorted().randomElement(using: &random) {
      ifNoneMatch = random.chance(20) ? "\"none\"" : "\"\(tag)\""
    }
    if random.chance(8) { hasIfModifiedSince = true }
    guard random.chance(30) else { return }
    switch Int.random(in: 0..<7, using: &random) {
    case 0: noCache = true
    case 1: noStore = true
    case 2: onlyIfCached = true
    case 3: maxAge = Int.random(in: 0...12, using: &random)
    case 4: minFresh = Int.random(in: 1...12, using: &random)
    case 5: maxStale = Int.random(in: 0...20, using: &random)
    default: staleIfError = Int.random(in: 0...60, using: &random)
    }
  }
}

extension ModelDirectives {
  init(using random: inout SplitMix64) {
    maxAge = [0, 1, 10, 60, 600].randomElement(using: &random)!
    if random.chance(15) { sharedMaxAge = [0, 5, 100].randomElement(using: &random)! }
    noStore = random.chance(4)
    noCache = random.chance(8)
    isPrivate = random.chance(10)
    isPublic = random.chance(30)
    mustRevalidate = random.chance(10)
    proxyRevalidate = random.chance(8)
    immutable = random.chance(8)
    if random.chance(40) {
      staleWhileRevalidate = [1, 10, 600].randomElement(using: &random)!
    }
    if random.chance(30) { staleIfError = [5, 600].randomElement(using: &random)! }
  }
}
