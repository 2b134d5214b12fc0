import ArgumentParser
import Foundation
import LambdaCache
import Workload

/// Plays a request stream without and with the cache and prints both side by side.
struct PlayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "play",
    abstract: "Play a request stream without cache and then with it (the default).")

  @OptionGroup var options: DatabaseOptions

  @Option(help: "The number of requests. (default: 1,000,000; with --trace, the whole trace)")
  var requests: Int?

  @Option(help: "The exponent of the Zipf distribution of the users. (default: 1)")
  var exponent: Double?

  @Option(help: "The seed of the Zipf stream.")
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "Play a recorded stream instead: one 32-bit little-endian key per request.",
      valueName: "path"))
  var trace: String?

  @Option(
    help: ArgumentHelp(
      "The function's memory. (default: \(FunctionMemory.variable), else 128)", valueName: "MB"))
  var memory: Int?

  @Option(help: "The processor whose price counts: x86 or arm.")
  var processor = Processor.current

  @OptionGroup(title: "The modelled database behind a network")
  var modelOptions: ModelOptions

  @OptionGroup(title: "Several environments")
  var fleetOptions: FleetOptions

  @Option(
    help: ArgumentHelp(
      "The page to write. (default: \(ComparisonPage.defaultName) beside the database)",
      valueName: "path"))
  var html: String?

  func validate() throws {
    if let requests, requests < 1 {
      throw ValidationError("--requests is \(requests); it must be at least 1.")
    }
    if let exponent {
      guard trace == nil else {
        throw ValidationError("--exponent is for a Zipf stream; --trace plays a recorded one.")
      }
      guard exponent.isFinite, exponent >= 0, exponent <= 10 else {
        throw ValidationError("--exponent is \(exponent); it must be from 0 to 10.")
      }
    }
    if fleetOptions.environments != nil {
      guard html == nil else {
        throw ValidationError("--html is not for several --environments, which have no page.")
      }
    }
  }

  func run() async throws {
    var environment = ProcessInfo.processInfo.environment
    let functionMemory = try FunctionMemory(option: memory, environment: environment)
    environment[FunctionMemory.variable] = String(functionMemory.megabytes)
    for variable in try ProfileCache.unknownVariables(in: environment) {
      ProgressLine.print("\(variable) has no effect: the library has no such variable\n")
    }
    var stream = try RequestStream()
    let streamDescription = try fill(&stream)
    try options.prepare()
    try SystemCache.read(options.path)
    let memory = "\(functionMemory.megabytes) MB (\(functionMemory.origin))"
    if let count = fleetOptions.environments {
      return try play(&stream, streamDescription, count, memory: memory, environment)
    }

    let uncached = try run(.uncached, &stream, environment)
    let cached = try run(.cached, &stream, environment)
    guard uncached.digest == cached.digest else {
      throw PhaseError.answersDiffer(uncached.digest, cached.digest)
    }
    let report = ComparisonReport(
      uncached: uncached, cached: cached,
      cost: CostModel(
        memoryMegabytes: functionMemory.megabytes,
        gigabyteSecondPrice: processor.gigabyteSecondPrice),
      streamDescription: streamDescription, memoryOrigin: functionMemory.origin,
      model: modelOptions.model)
    print(report.text, terminator: "")
    let page = URL(fileURLWithPath: html ?? ComparisonPage.path(besideDatabase: options.path))
    try Data(ComparisonPage(report).text.utf8).write(to: page)
    print("The same with plots: \(page.path)")
  }

  /// Fills the stream and says in words what it holds.
  private func fill(_ stream: inout RequestStream) throws -> String {
    let directory = options.directory
    let users = "\(Format.count(directory.count)) users"
    if let trace {
      try TraceFile.append(path: trace, limit: requests, directory: directory, to: &stream)
      return "\(Format.count(stream.count)) requests of the trace \(trace), \(users)"
    }
    let distribution = ZipfDistribution(count: directory.count, exponent: exponent ?? 1)
    let scatter = UserScatter(userCount: directory.count)
    var generator = SplitMix64(seed: seed)
    for _ in 0..<(requests ?? 1_000_000) {
      try stream.append(user: scatter.user(at: distribution.rank(using: &generator)))
    }
    return """
      \(Format.count(stream.count)) requests by Zipf's law with exponent \
      \(Format.decimal(distribution.exponent, digits: 2)), seed \(seed), \(users)
      """
  }

  /// Plays the stream with several environments, and prints what comes of it.
  private func play(
    _ stream: inout RequestStream, _ streamDescription: String, _ count: Int, memory: String,
    _ environment: [String: String]
  ) throws {
    let server =
      fleetOptions.tier == nil
      ? try TierServer(searchPath: environment["PATH"] ?? "/usr/bin:/bin") : nil
    defer { withExtendedLifetime(server) {} }
    let latency = modelOptions.databaseLatency.nanoseconds
    let address = fleetOptions.tier ?? server?.address
    let fleets = try FleetMode.allCases.map { mode in
      try Fleet(
        mode: mode, count: count, databaseLatency: latency, databasePath: options.path,
        environment: environment, tierAddress: mode == .tiered ? address : nil
      ).play(&stream, seed: seed)
    }
    let report = FleetReport(
      fleets: fleets, streamDescription: streamDescription, memory: memory,
      databaseLatency: latency)
    print(report.text, terminator: "")
    guard report.wrongEnvironments == 0 else {
      throw FleetError.answersDiffer(environments: report.wrongEnvironments)
    }
    if let goal = fleetOptions.goal, let saved = report.savedByTier, saved * 100 < goal {
      throw FleetError.missedGoal(saved: saved * 100, goal: goal)
    }
  }

  private func run(
    _ mode: PhaseMode, _ stream: inout RequestStream, _ environment: [String: String]
  ) throws -> PhaseResult {
    let phase = Phase(
      mode: mode, requestCount: stream.count,
      databaseLatency: modelOptions.model?.readLatency ?? 0)
    return try PhaseProcess.run(
      phase, stream: &stream, databasePath: options.path, environment: environment)
  }
}

/// The processors a function can run on.
enum Processor: String, CaseIterable, ExpressibleByArgument {
  case x86
  case arm

  /// The processor this program was built for.
  static var current: Processor {
    #if arch(arm64)
      .arm
    #else
      .x86
    #endif
  }

  /// The price of a GB-second on it, in dollars.
  var gigabyteSecondPrice: Double {
    switch self {
    case .x86: CostModel.x86GigabyteSecondPrice
    case .arm: CostModel.armGigabyteSecondPrice
    }
  }
}
