import LambdaCache
import Workload

/// Random hits over full caches: against `Dictionary`, against the textbook, against Foundation,
/// and with a time to live.
struct HitMeasurement<Bench: Workbench> {
  typealias Key = Bench.Key

  /// The goals for one kind of key at one size.
  struct Goals {
    let unique: Double
    let shared: Double
    let textbook: Double
    /// Of an adaptive cache, against an exact one.
    let adaptive: Double
    let foundation: Double?
  }

  let size: Int
  let goals: Goals
  let effort: Effort

  /// Nanoseconds that a time to live may add to a hit.
  private var addedByTimeToLive: Double { 8 }
  /// Nanoseconds that a time to live of its own may add to the hit of an entry.
  private var addedByOwnTimeToLive: Double { 12 }
  /// Nanoseconds that an idle time to live may add to a hit.
  private var addedByIdleTimeToLive: Double { size < 10_000 ? 6 : 15 }
  /// Nanoseconds that a request log of one key in a hundred may add to a hit.
  private var addedByLog: Double { 3 }

  /// The rows for probes that are equal copies of the keys stored, as requests bring them, which
  /// the goals are judged on, and for probes that are the stored objects themselves.
  func findings() -> [Finding] {
    // The request log writes to standard output.
    withStandardOutputDiscarded { measuredFindings() }
  }

  private func measuredFindings() -> [Finding] {
    let indices = TestKeys.indices(count: probeCount, below: size, seed: 1)
    var contest = self.contest(indices)
    var chains = self.contest(indices)
    var others = self.contest(indices)
    for _ in 0..<effort.generations {
      let subjects = Subjects<Bench>(count: size)
      if goals.foundation != nil { subjects.fillFoundation() }
      let keys = indices.map { Bench.copy(Bench.key($0)) }
      addHits(of: subjects, keys, to: &contest)
      contest.run(effort)
      guard effort.hasVariants else { continue }
      addChains(of: subjects, keys, to: &chains)
      chains.run(effort)
      guard Bench.Key.self == String.self else { continue }
      addHits(of: subjects, indices.map { subjects.keys[$0] }, to: &others)
      others.run(effort)
    }
    guard effort.hasVariants else { return judged(contest) }
    let findings = judged(contest) + unjudgedChains(chains)
    return Bench.Key.self == String.self ? findings + unjudged(others) : findings
  }

  /// So many probes that the processor cannot learn their order.
  private var probeCount: Int { max(size, effort.operations) }

  private func contest(_ indices: [Int]) -> Contest {
    Contest(
      operationCount: indices.count, atLeast: effort.operations, checksum: indices.reduce(0, &+))
  }

  private func addHits(of subjects: Subjects<Bench>, _ keys: [Key], to contest: inout Contest) {
    let probes = Probes(keys)
    contest.add(Name.dictionary) { Bench.hits(&subjects.dictionary, probes) }
    contest.add(Name.unique) { Bench.hits(&subjects.unique, probes) }
    contest.add(Name.shared) { Bench.hits(&subjects.shared, probes) }
    contest.add(Name.timed) { Bench.hits(&subjects.timed, probes) }
    contest.add(Name.individual) { Bench.hits(&subjects.individual, probes) }
    contest.add(Name.idle) { Bench.hits(&subjects.idle, probes) }
    contest.add(Name.logged) { Bench.hits(&subjects.logged, probes) }
    contest.add(Name.adaptive) { Bench.hits(&subjects.adaptive, probes) }
    contest.add(Name.evicting) { Bench.hits(&subjects.evicting, probes) }
    contest.add(Name.textbook) { Bench.hits(&subjects.textbook, probes) }
    guard goals.foundation != nil else { return }
    let objects = keys.map(Bench.object(for:))
    contest.add(Name.foundation) { Bench.hits(&subjects.foundation, objects) }
  }

  private func addChains(of subjects: Subjects<Bench>, _ keys: [Key], to contest: inout Contest) {
    let probes = Probes(keys)
    contest.add(Name.dictionary) { Bench.chainedHits(&subjects.dictionary, probes) }
    contest.add(Name.unique) { Bench.chainedHits(&subjects.unique, probes) }
    contest.add(Name.shared) { Bench.chainedHits(&subjects.shared, probes) }
    contest.add(Name.timed) { Bench.chainedHits(&subjects.timed, probes) }
    contest.add(Name.textbook) { Bench.chainedHits(&subjects.textbook, probes) }
  }

  private func judged(_ contest: Contest) -> [Finding] {
    var findings = judged(contest, "")
    let own: [(String, Double?)] = [
      (Name.individual, addedByOwnTimeToLive), (Name.idle, addedByIdleTimeToLive),
      (Name.logged, addedByLog),
    ]
    findings += own.map { name, goal in
      Finding.difference(
        "\(name), hit, \(Bench.name)", size: size, of: contest[name], over: contest[Name.shared],
        named: "without", goal: goal.map { .atMost($0) })
    }
    findings += [Name.adaptive, Name.evicting].map { name in
      Finding.ratio(
        "\(name), hit, \(Bench.name)", size: size, of: contest[name], to: contest[Name.shared],
        named: Name.shared, goal: .atMost(goals.adaptive))
    }
    if let goal = goals.foundation {
      findings.append(
        Finding.ratio(
          "Cache hit, \(Bench.name)", size: size, of: contest[Name.shared],
          to: contest[Name.foundation], named: Name.foundation, goal: .atMost(goal)))
    }
    return findings
  }

  /// The rows of look-ups that wait for each other, which show latency; goals are for throughput.
  private func unjudgedChains(_ contest: Contest) -> [Finding] {
    judged(contest, ", in a chain").map(\.unjudged)
  }

  private func judged(_ contest: Contest, _ manner: String) -> [Finding] {
    let dictionary = contest[Name.dictionary]
    let shared = contest[Name.shared]
    return [
      Finding.ratio(
        "UniqueCache hit, \(Bench.name)\(manner)", size: size, of: contest[Name.unique],
        to: dictionary, named: Name.dictionary, goal: .atMost(goals.unique)),
      Finding.ratio(
        "Cache hit, \(Bench.name)\(manner)", size: size, of: shared, to: dictionary,
        named: Name.dictionary, goal: .atMost(goals.shared)),
      Finding.difference(
        "Cache hit, time to live, \(Bench.name)\(manner)", size: size, of: contest[Name.timed],
        over: shared, named: "without", goal: .atMost(addedByTimeToLive)),
      Finding.ratio(
        "Cache hit, \(Bench.name)\(manner)", size: size, of: shared, to: contest[Name.textbook],
        named: Name.textbook, goal: .atMost(goals.textbook)),
    ]
  }

  private func unjudged(_ contest: Contest) -> [Finding] {
    [(Name.unique, Name.dictionary), (Name.shared, Name.dictionary), (Name.shared, Name.textbook)]
      .map { ours, theirs in
        Finding.ratio(
          "\(ours) hit, the stored String objects", size: size, of: contest[ours],
          to: contest[theirs], named: theirs, goal: nil)
      }
  }
}

/// The names of the entrants.
enum Name {
  static let dictionary = "Dictionary"
  static let unique = "UniqueCache"
  static let shared = "Cache"
  static let timed = "Cache with a time to live"
  static let individual = "Cache, times to live of entries"
  static let idle = "Cache, idle time to live"
  static let logged = "Cache, request log of 1 % of the keys"
  static let adaptive = "Cache, adaptive policy"
  static let evicting = "Cache, adaptive policy, after an eviction"
  static let textbook = "textbook LRU"
  static let foundation = "NSCache"
}
