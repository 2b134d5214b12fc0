/// A stretch of a function's life: what its invocations write, and what the handler takes.
struct Phase {
  /// The sizes of the values in bytes, in turn.
  var sizes: [Int] = []
  /// How much is written, in parts of the budget.
  var budgets = 1.0
  /// The values that one invocation writes.
  var valuesPerInvocation = 500
  /// The handler's own memory in an invocation, in MiB.
  var handlerMegabytes = 0
  /// The blocks it takes it in, in KiB; 0 for a single one.
  var handlerBlockKilobytes = 0
  /// One invocation in so many takes memory.
  var handlerInterval = 1
  /// Whether the handler has its memory while it writes, and not afterwards.
  var holdsWhileWriting = false
  /// Whether values are looked up in random order afterwards, so that they are not evicted in the
  /// order of their addresses.
  var shuffles = false

  /// Reads a phase such as `sizes=91+20000,budgets=3,shuffle`.
  init(_ text: String) throws(MalformedPhase) {
    for part in text.split(separator: ",") {
      let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
      guard let name = pair.first else { continue }
      if pair.count == 1, name == "shuffle" {
        shuffles = true
      } else if pair.count == 1, name == "hold" {
        holdsWhileWriting = true
      } else if pair.count == 2 {
        try set(name, to: pair[1], of: text)
      } else {
        throw MalformedPhase(text: text, part: String(part))
      }
    }
    guard !sizes.isEmpty else { throw MalformedPhase(text: text, part: "sizes=") }
  }

  private mutating func set(
    _ name: String, to value: String, of text: String
  ) throws(MalformedPhase) {
    let malformed = MalformedPhase(text: text, part: "\(name)=\(value)")
    func count(from least: Int) throws(MalformedPhase) -> Int {
      guard let count = Int(value), count >= least else { throw malformed }
      return count
    }
    switch name {
    case "sizes":
      let sizes = value.split(separator: "+").compactMap { Int($0) }
      guard !sizes.isEmpty, sizes.allSatisfy({ $0 >= 0 }) else { throw malformed }
      self.sizes = sizes
    case "budgets":
      guard let budgets = Double(value), budgets > 0 else { throw malformed }
      self.budgets = budgets
    case "per": valuesPerInvocation = try count(from: 1)
    case "handler": handlerMegabytes = try count(from: 0)
    case "block": handlerBlockKilobytes = try count(from: 1)
    case "every": handlerInterval = try count(from: 1)
    default: throw malformed
    }
  }
}

/// A phase that cannot be read.
struct MalformedPhase: Error, CustomStringConvertible {
  let text: String
  let part: String

  var description: String {
    "the phase '\(text)' has '\(part)'; accepted: sizes=BYTES+…, budgets=PARTS, per=VALUES, "
      + "handler=MIB, block=KIB, every=INVOCATIONS, hold, shuffle"
  }
}
