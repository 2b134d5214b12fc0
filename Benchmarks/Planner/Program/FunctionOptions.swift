import ArgumentParser
import PlannerCore

/// The times and limits of the function.
struct FunctionOptions: ParsableArguments {
  @Option(help: "Requests in a second where the log has no times.")
  var rate = 20.0

  @Option(
    help: ArgumentHelp(
      "Milliseconds of the handler without the load. (default: what REPORT lines say, else 3)",
      valueName: "ms"))
  var handlerMs: Double?

  @Option(
    help: ArgumentHelp(
      "Milliseconds of a load. (default: what the log says, else 20)", valueName: "ms"))
  var loadMs: Double?

  @Option(
    help: ArgumentHelp(
      "Milliseconds of an initialization. (default: what REPORT lines say, else 150)",
      valueName: "ms"))
  var initMs: Double?

  @Option(
    help: ArgumentHelp(
      """
      The memory setting that these times were measured at. (default: what REPORT lines say, else \
      1769)
      """, valueName: "MB"))
  var memory: Int?

  @Option(help: "The part of the handler's time that is processor time, 0 to 1.")
  var handlerCpu = 0.5

  @Option(help: "The part of a load's time that is processor time, 0 to 1.")
  var loadCpu = 0.1

  @Option(
    help: ArgumentHelp(
      "Milliseconds of a look-up in a shared cache over the network.", valueName: "ms"))
  var sharedMs = 1.0

  @Option(
    help: ArgumentHelp(
      "MiB that the function uses without a cache. (default: what the library's log says, else 16)",
      valueName: "MiB"))
  var resident: Double?

  @Option(
    help: ArgumentHelp(
      "MiB that LAMBDA_CACHE_RESERVE keeps from caches. (default: what the library keeps)",
      valueName: "MiB"))
  var reserve: Double?

  @Option(
    help: ArgumentHelp(
      "Seconds that an idle environment lives: the shortest and the longest.",
      valueName: "a,b"))
  var idle = "300,2700"

  @Option(help: "Invocations that one environment takes at once (Managed Instances).")
  var concurrency = 1

  @Option(help: "Environments at the most, up to 5000.")
  var environments = 1000

  @Option(help: "The longest time to live to recommend, such as 90s, 15m, 4h.")
  var longestTtl: String?

  @Option(help: "Times to live to try, such as 30s,5m,none.")
  var ttls: String?

  @Option(help: "Requests in the simulations of fleets, at most.")
  var fleetRequests = 500_000

  @Option(help: "Threads.")
  var threads = 2

  func validate() throws {
    try Self.require("rate", rate, in: 1e-6...1e6)
    for (name, time) in [
      ("handler-ms", handlerMs), ("load-ms", loadMs), ("init-ms", initMs), ("shared-ms", sharedMs),
    ] {
      if let time { try Self.require(name, time, in: 0...900_000) }
    }
    try Self.require("handler-cpu", handlerCpu, in: 0...1)
    try Self.require("load-cpu", loadCpu, in: 0...1)
    if let memory { try Self.require("memory", memory, in: 128...32_768) }
    if let resident { try Self.require("resident", resident, in: 0...32_768) }
    if let reserve { try Self.require("reserve", reserve, in: 0...32_768) }
    try Self.require("concurrency", concurrency, in: 1...1024)
    try Self.require("environments", environments, in: 1...5000)
    try Self.require("threads", threads, in: 1...64)
    try Self.require("fleet-requests", fleetRequests, in: 1...10_000_000)
    _ = try idleLives()
    _ = try timesToLive()
    if let longestTtl { _ = try Self.milliseconds(longestTtl) }
  }

  private static func require<Number: Comparable>(
    _ name: String, _ value: Number, in range: ClosedRange<Number>
  ) throws {
    guard range.contains(value) else {
      throw ValidationError(
        "--\(name) is \(value); it must be from \(range.lowerBound) to \(range.upperBound).")
    }
  }

  /// Options of a plan, with what the log and the reports tell.
  func planOptions(_ intake: LogIntake) throws -> PlanOptions {
    var options = PlanOptions()
    options.workload = workload(intake)
    options.idleLives = try idleLives()
    options.concurrency = concurrency
    if concurrency > 1 {
      // Managed Instances have 2 to 32 GB.
      options.memorySettings = [2048, 4096, 8192, 16_384, 32_768]
    }
    options.environmentLimit = environments
    if let resident {
      options.memoryInUse = MemoryInUse(byteCount: Int(resident * 0x1p20))
    } else if intake.recorded.memoryInUse.count > 0 {
      options.memoryInUse = intake.recorded.memoryInUse
    }
    options.reservedBytes = reserve.map { Int($0 * 0x1p20) }
    options.fleetRequests = fleetRequests
    options.threads = threads
    if let lives = try timesToLive() { options.timesToLive = lives }
    options.longestTimeToLive = try longestTtl.flatMap { try Self.milliseconds($0) }
    return options
  }

  private func workload(_ intake: LogIntake) -> Workload {
    let recordedLoad = intake.log.meanLoadMicroseconds.map { $0 / 1000 }
    let load = loadMs ?? recordedLoad ?? 20
    let whole = intake.reports.meanDuration ?? intake.meanDurationMicroseconds.map { $0 / 1000 }
    // A whole invocation without a cache is the handler and a load.
    let handler = handlerMs ?? whole.map { max(0.5, $0 - load) } ?? 3
    let slowdown = Workload.slowdown(megabytes: memory ?? intake.reports.memorySize ?? 1769)
    var workload = Workload()
    workload.handlerProcessor = handler * handlerCpu / slowdown
    workload.handlerWait = handler * (1 - handlerCpu)
    workload.loadProcessor = load * loadCpu / slowdown
    workload.loadWait = load * (1 - loadCpu)
    workload.initialization = initMs ?? intake.reports.meanInit ?? 150
    workload.sharedLookUp = sharedMs
    workload.recordedLoad = recordedLoad
    return workload
  }

  private func idleLives() throws -> [Int64] {
    let seconds = idle.split(separator: ",").compactMap { Double($0) }
    guard (1...2).contains(seconds.count), seconds.count == idle.split(separator: ",").count,
      seconds.allSatisfy({ (1...86_400).contains($0) })
    else {
      throw ValidationError("--idle is \(idle); it must be one or two numbers from 1 to 86400.")
    }
    return seconds.sorted().map { Int64($0 * 1e6) }
  }

  private func timesToLive() throws -> [Int64?]? {
    guard let ttls else { return nil }
    let lives = try ttls.split(separator: ",").map { try Self.milliseconds(String($0)) }
    guard !lives.isEmpty else {
      throw ValidationError("--ttls is empty; it must be times such as 30s,5m,none.")
    }
    return Set(lives).sorted { ($0 ?? .max) < ($1 ?? .max) }
  }

  /// A time such as `90s`, `15m`, `4h`, `1d`, a number of seconds, or `none`.
  private static func milliseconds(_ text: String) throws -> Int64? {
    if text == "none" { return nil }
    let units: [(String, Int64)] = [
      ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("", 1000),
    ]
    for (unit, factor) in units where text.hasSuffix(unit) {
      if let number = Int64(text.dropLast(unit.count)), number > 0, number < 100_000_000 {
        return number * factor
      }
    }
    throw ValidationError("\(text) is no time to live; it must be one such as 90s, 15m or none.")
  }
}
