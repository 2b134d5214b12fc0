/// Entrants that do the same work and take turns, A B C A B C and so on.
///
/// Each turn is the work twice: once untimed, which brings the entrant's own data back into the
/// processor's caches, and once timed. Whatever disturbs the machine for longer than a turn
/// disturbs them all.
///
/// The work is repeated here, through a stored closure, and nowhere else: a loop over nothing but
/// look-ups in a `Dictionary` has no effects, and the optimizer takes it out of a loop around it.
struct Contest {
  private struct Entrant {
    let name: String
    var pass: () -> Int
    var samples = Samples()
  }

  private let operationCount: Int
  private let passes: Int
  private let checksum: Int
  private var entrants: [Entrant] = []

  /// Creates a contest.
  ///
  /// - Parameters:
  ///   - operationCount: The operations of one pass.
  ///   - least: The operations of one turn, at least; it takes as many passes as that needs.
  ///   - checksum: What each pass must return: proof that the work was done.
  init(operationCount: Int, atLeast least: Int, checksum: Int) {
    self.operationCount = operationCount
    passes = max(1, least / operationCount)
    self.checksum = checksum
  }

  /// Adds an entrant and the work that is one pass; an entrant of that name keeps its samples and
  /// gets the other work.
  mutating func add(_ name: String, pass: @escaping () -> Int) {
    if let index = entrants.firstIndex(where: { $0.name == name }) {
      entrants[index].pass = pass
    } else {
      entrants.append(Entrant(name: name, pass: pass))
    }
  }

  /// Lets all entrants take their turns.
  mutating func run(_ effort: Effort) {
    for _ in 0..<effort.rounds {
      for index in entrants.indices {
        _ = turn(of: entrants[index])
        let time = turn(of: entrants[index])
        entrants[index].samples.append(Double(time) / Double(passes * operationCount))
      }
    }
  }

  /// Nanoseconds an operation of an entrant, a sample for each round.
  subscript(name: String) -> Samples {
    guard let entrant = entrants.first(where: { $0.name == name }) else {
      preconditionFailure("\(name) did not take part")
    }
    return entrant.samples
  }

  /// One turn's nanoseconds.
  private func turn(of entrant: Entrant) -> Int {
    var sum = 0
    let start = Stopwatch.now
    for _ in 0..<passes { sum &+= entrant.pass() }
    let time = Stopwatch.now - start
    precondition(
      sum == passes &* checksum, "\(entrant.name) returned \(sum), not \(passes &* checksum)")
    return time
  }
}
