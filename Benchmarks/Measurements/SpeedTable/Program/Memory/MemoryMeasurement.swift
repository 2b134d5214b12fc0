import AllocationCounter

/// The rows about memory, each figure taken in a fresh process.
///
/// Those that need the kernel's or glibc's accounts are missing where there is none.
struct MemoryMeasurement {
  private var million: String { Format.count(1_000_000) }

  func findings() throws -> [Finding] {
    var findings: [Finding] = []
    #if os(Linux)
      findings += try structure(.structure, named: "structure an entry", goal: 28)
      findings += try structure(
        .structureWithTimeToLive, named: "with a time to live", goal: 40)
      findings += try structure(
        .adaptiveStructure, named: "with the adaptive policy", goal: 27, worst: 28)
      findings += try structure(
        .adaptiveStructureWithTimeToLive, named: "with both", goal: 41, worst: 42)
      findings += try limits()
    #endif
    guard allocation_counter_is_available() else { return findings }
    return try findings + empty() + allocations()
  }

  private func structure(
    _ probe: MemoryProbe, named name: String, goal: Double, worst: Double? = nil
  ) throws -> [Finding] {
    let figures = try probe.run()
    let rows: [(String, String, Finding.Goal?)] = [
      ("\(name), by resident set", StructureProbe.Figure.resident, .atMost(goal)),
      ("\(name), by formula", StructureProbe.Figure.formula, .atMost(goal)),
      (
        "\(name), index at its worst fill", StructureProbe.Figure.worst,
        .atMost(worst ?? goal)
      ),
      ("\(name), while the index grows", StructureProbe.Figure.worstWhileMoving, nil),
    ]
    return try rows.map { label, figure, goal in
      Finding(
        operation: label, size: million, measured: "", against: "",
        result: try value(figure, in: figures), unit: .bytes, goal: goal)
    }
  }

  private func limits() throws -> [Finding] {
    let figures = try MemoryProbe.byteLimit.run()
    let insertions = Int(try value(ByteLimitProbe.Figure.insertions, in: figures))
    return try [
      ("greatest byteCount while growing, of byteLimit", ByteLimitProbe.Figure.greatestShare),
      ("greatest resident set while growing, of byteLimit", ByteLimitProbe.Figure.residentShare),
    ].map { label, figure in
      Finding(
        operation: label, size: "", measured: "\(Format.count(insertions)) insertions",
        against: "", result: try value(figure, in: figures), unit: .ratio, goal: .atMost(1))
    }
  }

  private func empty() throws -> [Finding] {
    let figures = try MemoryProbe.emptyCaches.run()
    return try [
      ("an empty UniqueCache", EmptyCacheProbe.Figure.unique),
      ("an empty Cache", EmptyCacheProbe.Figure.shared),
      ("the same with the adaptive policy", EmptyCacheProbe.Figure.adaptive),
    ].map { label, figure in
      Finding(
        operation: label, size: "0", measured: "", against: "",
        result: try value(figure, in: figures), unit: .bytes, goal: .atMost(1_024))
    }
  }

  private func allocations() throws -> [Finding] {
    let figures = try MemoryProbe.allocations.run()
    let textbook = try value(AllocationProbe.Figure.textbookInsert, in: figures)
    precondition(textbook > 0, "the counter of allocations does not count")
    return try [
      ("allocations a hit, Int keys", AllocationProbe.Figure.integerHit, "", 0),
      ("allocations a hit, String keys", AllocationProbe.Figure.textHit, "", 0),
      ("allocations a hit with a time to live", AllocationProbe.Figure.timedHit, "", 0),
      ("allocations a hit with the adaptive policy", AllocationProbe.Figure.adaptiveHit, "", 0),
      (
        "allocations an evicting insert with the adaptive policy",
        AllocationProbe.Figure.adaptiveInsert, "", 0
      ),
      ("allocations a hit through value(forKey:orLoad:)", AllocationProbe.Figure.loadingHit, "", 0),
      (
        "allocations an evicting insert, Int keys", AllocationProbe.Figure.evictingInsert,
        "\(Name.textbook) \(Format.number(textbook, digits: 2))", 0
      ),
      ("allocations a miss that loads, above by hand", AllocationProbe.Figure.load, "", 4),
      // Now and then the budget samples its members.
      ("the same with a budget", AllocationProbe.Figure.budgetLoad, "", 4.01),
      ("allocations a load of eight keys", AllocationProbe.Figure.eightLoads, "", 71),
    ].map { label, figure, against, goal in
      Finding(
        operation: label, size: "1,000", measured: "", against: against,
        result: try value(figure, in: figures), unit: .count, goal: .atMost(goal))
    }
  }

  private func value(_ name: String, in figures: [String: Double]) throws -> Double {
    guard let value = figures[name] else { throw MemoryProbeError.unreadable(name) }
    return value
  }
}
