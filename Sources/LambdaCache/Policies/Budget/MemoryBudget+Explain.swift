extension MemoryBudget {
  /// Every term of the budget, where it comes from and what each cache has, as text for people.
  ///
  /// - Returns: Several lines, the last one with a line break as well.
  public func explain() -> String {
    let (members, ceiling) = state.withLock { state in
      (state.members.map { ($0.name, $0.request, $0.granted, $0.reserved) }, state.ceiling)
    }
    let loads = members.reduce(0) { $0 + $1.3 }
    var text =
      row(" ", terms.limit.byteCount, "memory", terms.limit.source)
      + row("-", terms.resident.byteCount, "in use", terms.resident.source)
      + row("-", terms.reserve.byteCount, "reserve", terms.reserve.source)
      + row("=", terms.byteLimit, "for caches", "\(terms.byteLimit) bytes")
    if ceiling < terms.byteLimit {
      text += row("-", terms.byteLimit - ceiling, "held back", "memory was short")
    }
    for (name, request, granted, _) in members {
      text += row("-", granted, "cache \(name)", request.explanation)
    }
    if loads > 0 { text += row("-", loads, "loads", "expected of loads under way") }
    let left = min(ceiling, terms.byteLimit) - members.reduce(0) { $0 + $1.2 } - loads
    text += row("=", left, "left", "")
    if let marks = monitor?.marks {
      text += row(" ", marks.high, "high mark", "shed above this between invocations")
      text += row(" ", marks.low, "low mark", "down to this")
      text += row(
        " ", marks.handlerByteCount, "for the handler", marks.isLearned ? "as seen" : "reserve")
    }
    return text
  }

  private func row(_ sign: String, _ byteCount: Int, _ name: String, _ source: String) -> String {
    sign + " " + ByteCountFormat.short(byteCount).padded(to: 12) + name.padded(to: 16) + source
      + "\n"
  }
}

extension BudgetRequest {
  /// The request in a few words.
  fileprivate var explanation: String {
    var text = "asked for \(size)"
    if minimumByteCount > 0 { text += ", at least \(ByteCountFormat.short(minimumByteCount))" }
    if let maximumByteCount { text += ", at most \(ByteCountFormat.short(maximumByteCount))" }
    if weight != 1 { text += ", weight \(weight)" }
    return text
  }
}
