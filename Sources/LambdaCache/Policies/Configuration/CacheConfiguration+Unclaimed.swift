/// Variables that were meant for a cache and have no effect.
extension CacheConfiguration {
  /// A variable that has no effect.
  struct UnclaimedVariable: Hashable {
    let name: String
    /// The variable with the most similar name that has an effect.
    let nearest: String
  }

  /// Whether a variable without the package's prefix has a beginning that differs from it in
  /// letter case, underscores and at most one mistake: `lambda_cache_ttl`, `LAMBDACACHE_TTL`,
  /// `LAMDBA_CACHE_TTL`.
  static func resemblesPrefix(_ variable: String) -> Bool {
    // Every start of a function reads all variables, so that most are to be done with at once. A
    // mistake among the first two letters is one of these.
    guard ["LA", "AM", "LM", "AL"].contains(variable.prefix(2).uppercased()) else { return false }
    let letters = variable.uppercased().utf8.filter { $0 != UInt8(ascii: "_") }
    let wanted = Array(prefix.utf8.filter { $0 != UInt8(ascii: "_") })
    return (-1...1).contains { difference in
      let length = wanted.count + difference
      return letters.count > length
        && EditDistance.between(letters.prefix(length), wanted) <= 1
    }
  }

  /// The variables that have no effect while these are the caches, in alphabetical order.
  ///
  /// - Parameter names: The names of all caches of the process.
  /// - Complexity: O(*v* · *n*) comparisons of names for *v* such variables and *n* caches.
  func unclaimedVariables(forCaches names: [String]) -> [UnclaimedVariable] {
    let unknown = unknownVariables(forCaches: names)
    guard !unknown.isEmpty else { return [] }
    let settings = Setting.all.map(\.name)
    let known =
      settings.map { Self.prefix + $0 } + [ReserveVariable.name, LogSecretVariable.name]
      + names.map(Self.variableName(ofCache:)).sorted().flatMap { name in
        settings.map { "\(Self.prefix)\(name)_\($0)" }
      }
    return unknown.map { variable in
      let written = variable.uppercased().utf8
      let nearest = known.min {
        EditDistance.between(written, $0.utf8) < EditDistance.between(written, $1.utf8)
      }
      return UnclaimedVariable(name: variable, nearest: nearest ?? Self.prefix)
    }
  }
}
