/// Logs once, at the first invocation, which wishes of the environment the budget cannot grant.
///
/// By then the caches are made, so that the variable of a cache can be distinguished from a
/// mistyped one.
extension MemoryBudget: InvocationEndObserver {
  package func invocationDidEnd(isAnyOpen: Bool) {
    InvocationEnds.remove(self)
    let isFirst = state.withLock { state in
      defer { state.hasReported = true }
      return !state.hasReported
    }
    guard isFirst else { return }
    for line in shortfalls(cacheNames: NameLog.process.all) {
      Log.write("LambdaCache: \(line)", level: .warn)
    }
  }

  /// A line for each variable without an effect, and for each size that the budget cannot give.
  ///
  /// - Parameter cacheNames: The names of all caches of the process.
  func shortfalls(cacheNames: [String]) -> [String] {
    var lines = configuration.unclaimedVariables(forCaches: cacheNames).map {
      "the variable \($0.name) has no effect; the most similar one that has is \($0.nearest)"
    }
    if byteLimit == 0, monitor != nil {
      lines.append(
        "no memory is left for caches, which stay empty: \(terms.limit.byteCount) bytes of the "
          + "process less \(terms.resident.byteCount) in use and a reserve of "
          + "\(terms.reserve.byteCount) (\(terms.reserve.source))")
    }
    let members = state.withLock { $0.members.filter(\.isAttached) }
    for member in members {
      let wanted = member.asked.statedByteCount(ofMemory: terms.limit.byteCount)
      guard member.fairShare < wanted else { continue }
      lines.append(
        "the budget cannot give cache \(member.name) the \(wanted) bytes that it asks for "
          + "(\(source(ofSizeOf: member.name, member.asked))): its share is \(member.fairShare) of "
          + "\(byteLimit) for all caches")
    }
    return lines
  }

  /// Where the size of a cache comes from.
  private func source(ofSizeOf name: String, _ request: BudgetRequest) -> String {
    let variables = configuration.variables(forCache: name)
    return variables["SIZE"] ?? variables["MIN_SIZE"] ?? "its options"
  }
}

extension BudgetRequest {
  /// The bytes that are asked for by a size or a minimum; 0 for a cache that takes what there is.
  ///
  /// - Parameter memory: The amount that percentages are of.
  fileprivate func statedByteCount(ofMemory memory: Int) -> Int {
    max(
      minimumByteCount, min(size.byteCount(ofMemory: memory) ?? 0, maximumByteCount ?? .max))
  }
}
