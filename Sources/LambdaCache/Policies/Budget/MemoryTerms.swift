/// The arithmetic of a memory budget: the memory of the process, the part in use, the reserve, and
/// the rest for caches.
///
/// The default reserve has two parts. The handler's is five sixteenths of the first 1,024 MB and an
/// eighth of the rest, at least 24 MiB (an event and a response of 6 MB each with the copies that
/// decoding makes), and 8 MiB for each further invocation that may run at the same time: large
/// enough for a handler that needs nearly a third of the memory in its very first invocation,
/// before anything can be learned. The other part is for memory that the allocator holds but cannot
/// use between blocks of mixed sizes: 4 MiB and a sixteenth of the memory.
///
/// | memory (MB) | handler (MiB) | allocator (MiB) | reserve | for caches, 10 MiB resident |
/// |---|---|---|---|---|
/// | 128 | 40 | 12 | 52 | 66 |
/// | 256 | 80 | 20 | 100 | 146 |
/// | 512 | 160 | 36 | 196 | 306 |
/// | 1,024 | 320 | 68 | 388 | 626 |
/// | 2,048 | 448 | 132 | 580 | 1,458 |
/// | 4,096 | 704 | 260 | 964 | 3,122 |
/// | 10,240 | 1,472 | 644 | 2,116 | 8,114 |
/// | 2,048, Managed Instances, 16 at once | 568 | 132 | 700 | 1,338 |
/// | 32,768, Managed Instances, 64 at once | 4,792 | 2,052 | 6,844 | 25,914 |
package struct MemoryTerms: Hashable, Sendable {
  /// An amount and where it comes from.
  package struct Term: Hashable, Sendable {
    package let byteCount: Int
    package let source: String
  }

  /// The memory where no source gives it: 512 MiB.
  package static let defaultLimit = 512 << 20

  /// The bytes counted as resident where the resident set cannot be read: 32 MiB.
  package static let assumedResidentByteCount = 32 << 20

  /// All the memory that the process may use.
  package let limit: Term

  /// The bytes it used when the budget was made.
  package let resident: Term

  /// The bytes kept for the handler and the allocator.
  package let reserve: Term

  /// The part of the reserve that is kept for the handler.
  package let handlerByteCount: Int

  /// Whether they come from the process and not from the program.
  package var areOfProcess: Bool { resident.byteCount > 0 }

  /// The bytes left for all caches together; not negative.
  package var byteLimit: Int { max(0, limit.byteCount - resident.byteCount - reserve.byteCount) }

  /// The terms of a budget whose limit is given.
  package init(byteLimit: Int) {
    limit = Term(byteCount: byteLimit, source: "program")
    resident = Term(byteCount: 0, source: "not counted")
    reserve = Term(byteCount: 0, source: "none")
    handlerByteCount = 0
  }

  /// The terms that follow from the environment and from the state of the process.
  ///
  /// - Throws: ``ConfigurationError`` that names every variable whose value cannot be used.
  package init(
    environment: [String: String], process: ProcessMemory
  ) throws(ConfigurationError) {
    var issues: [ConfigurationError.Issue] = []
    let functionMemory = LambdaVariable.memorySize(environment, issues: &issues)
    let concurrency = LambdaVariable.concurrency(environment, issues: &issues)
    let reserveSize = ReserveVariable.read(environment, issues: &issues)
    guard issues.isEmpty else { throw ConfigurationError(issues: issues) }

    limit =
      functionMemory
      ?? process.containerLimit.map { Term(byteCount: $0.byteCount, source: $0.source) }
      ?? Term(byteCount: Self.defaultLimit, source: "default, no limit found")
    resident =
      process.residentByteCount.map { Term(byteCount: $0, source: "resident set") }
      ?? Term(byteCount: Self.assumedResidentByteCount, source: "assumed, not readable")
    let parts = Self.defaultReserve(limit: limit.byteCount, concurrency: concurrency)
    let reserve =
      switch reserveSize {
      case .automatic:
        Term(
          byteCount: parts.handler + parts.allocator,
          source: "default: \(ByteCountFormat.short(parts.handler)) for the handler, "
            + "\(ByteCountFormat.short(parts.allocator)) for the allocator")
      case .bytes(let byteCount): Term(byteCount: byteCount, source: ReserveVariable.name)
      case .percent(let percent):
        Term(
          byteCount: Self.part(percent, of: limit.byteCount),
          source: "\(ReserveVariable.name)=\(PercentFormat.text(percent))")
      }
    self.reserve = reserve
    handlerByteCount = max(0, min(parts.handler, reserve.byteCount - parts.allocator))
  }

  /// A part of an amount in percent, rounded down.
  package static func part(_ percent: Double, of byteCount: Int) -> Int {
    min(byteCount, Int(Double(byteCount) * percent / 100))
  }

  /// The reserve where the environment has none.
  ///
  /// - Parameters:
  ///   - limit: The memory of the process in bytes.
  ///   - concurrency: The invocations that may run at the same time.
  private static func defaultReserve(
    limit: Int, concurrency: Int
  ) -> (handler: Int, allocator: Int) {
    let further = min((concurrency - 1) * (8 << 20), limit / 4)
    let small = min(limit, 1 << 30)
    let handler = max(24 << 20, small / 16 * 5 + (limit - small) / 8)
    return (handler + further, 4 << 20 + limit / 16)
  }
}

/// The variables that Lambda sets and that a memory budget needs.
enum LambdaVariable {
  static let memorySizeName = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
  static let concurrencyName = "AWS_LAMBDA_MAX_CONCURRENCY"

  /// The function's memory, which Lambda states in units of 1,024 KB.
  ///
  /// From 128 to 10,240, or to 32,768 on Managed Instances (AWS Lambda API, `MemorySize`).
  static func memorySize(
    _ environment: [String: String], issues: inout [ConfigurationError.Issue]
  ) -> MemoryTerms.Term? {
    let range = 128...(LambdaEnvironment.isManagedInstance(environment) ? 32_768 : 10_240)
    guard let megabytes = wholeNumber(memorySizeName, range, environment, issues: &issues) else {
      return nil
    }
    return .init(byteCount: megabytes << 20, source: "\(memorySizeName)=\(megabytes)")
  }

  /// The invocations that run in the process at the same time; one if the environment does not say.
  static func concurrency(
    _ environment: [String: String], issues: inout [ConfigurationError.Issue]
  ) -> Int {
    wholeNumber(concurrencyName, 1...1_000_000, environment, issues: &issues) ?? 1
  }

  private static func wholeNumber(
    _ name: String, _ range: ClosedRange<Int>, _ environment: [String: String],
    issues: inout [ConfigurationError.Issue]
  ) -> Int? {
    guard let value = environment[name], !ValueReader.normalized(value).isEmpty else { return nil }
    if let number = ValueReader.wholeNumber(value, in: range) { return number }
    issues.append(
      .init(
        variable: name, value: value,
        accepted: "a whole number from \(range.lowerBound) to \(range.upperBound)"))
    return nil
  }
}
