import LambdaCache

/// Insertions into a full cache, each of which evicts.
struct InsertionMeasurement<Bench: Workbench> {
  let size: Int
  /// The goal against the textbook.
  let goal: Double
  let effort: Effort

  func findings() -> [Finding] {
    // By the time a key comes again it has long been evicted.
    let keyCount = max(2 * size, effort.operations)
    let keys = (0..<keyCount).map { Bench.key(size + $0) }
    var contest = Contest(
      operationCount: keyCount, atLeast: effort.operations, checksum: keyCount)
    for _ in 0..<effort.generations {
      let subjects = Subjects<Bench>(count: size)
      contest.add(Name.unique) { Bench.insertions(&subjects.unique, keys) }
      contest.add(Name.shared) { Bench.insertions(&subjects.shared, keys) }
      contest.add(Name.adaptive) { Bench.insertions(&subjects.adaptive, keys) }
      contest.add(Name.textbook) { Bench.insertions(&subjects.textbook, keys) }
      contest.run(effort)
      precondition(
        subjects.shared.count == size && subjects.unique.count == size, "a cache was not full")
    }
    let adaptive = Finding.ratio(
      "\(Name.adaptive), evicting insert, \(Bench.name)", size: size, of: contest[Name.adaptive],
      to: contest[Name.shared], named: Name.shared, goal: .atMost(1.5))
    return [Name.unique, Name.shared].map { name in
      Finding.ratio(
        "\(name) evicting insert, \(Bench.name)", size: size, of: contest[name],
        to: contest[Name.textbook], named: Name.textbook,
        goal: name == Name.shared ? .atMost(goal) : nil)
    } + [adaptive]
  }
}
