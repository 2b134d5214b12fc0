import ArgumentParser
import PlannerCore

/// `plan LOG…`.
@main
struct PlannerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "How much memory, which time to live, and what a cache saves: from a function's log.",
    discussion: """
      Replays a log through the library's cache in a simulated fleet of environments, and prices the \
      result. Without a log it makes one up and says so. Formats are recognized, gzip included: \
      recorded keys (u32le), the library's request log (cache), JSON lines (json), CSV and TSV with \
      a header, the common log format (common), logs of load balancers (alb) and of CloudFront \
      (cloudfront), and REPORT lines of Lambda (report), which tell durations.
      """)

  @Argument(help: "Logs; '-' is the standard input.")
  var logs: [String] = []

  @OptionGroup(title: "Reading")
  var reading: ReadingOptions

  @OptionGroup(title: "The function")
  var function: FunctionOptions

  @OptionGroup(title: "Prices")
  var pricing: PriceOptions

  @Option(help: ArgumentHelp("Write one self-contained page.", valueName: "path"))
  var html: String?

  @Option(
    help: ArgumentHelp(
      "Write the charts as SVG files to a folder, which exists.", valueName: "path"))
  var svg: String?

  @Option(
    help: ArgumentHelp(
      "Print the hit ratios expected at memory settings such as 128,512, and no more.",
      valueName: "MB,…"))
  var hitsAt: String?

  @Flag(help: "Print one line of figures: replay the log through sixteen sizes and no more.")
  var replayOnly = false

  func run() throws {
    let progress = ProgressLine()
    var intake = try readLog(progress)
    if intake.log.isEmpty {
      throw ValidationError("There are no requests, only REPORT lines: name a log as well.")
    }
    if intake.log.times.isEmpty {
      intake.log.assumeTimes(rate: function.rate)
      intake.window?.assumeTimes(rate: function.rate)
    }
    var options = try function.planOptions(intake)
    options.prices = pricing.prices(concurrency: function.concurrency)
    if replayOnly {
      printReplay(intake.log, options)
      return
    }
    if let hitsAt {
      try printHits(at: hitsAt, intake, &options)
      return
    }
    let plan = Planner.plan(intake, options) { progress.show($0) }
    progress.clear()
    let content = PlanContent(plan)
    print(TextReport(content).text)
    if let html { try Platform.writeFile(html, HTMLReport(content).text) }
    if let svg {
      for file in Charts(plan).files { try Platform.writeFile("\(svg)/\(file.name)", file.svg) }
    }
  }

  private func readLog(_ progress: ProgressLine) throws -> LogIntake {
    guard !logs.isEmpty else {
      return LogIntake(synthetic: SyntheticLog.make(rate: function.rate))
    }
    let intake = try LogReader.read(logs, options: try reading.inputOptions()) {
      progress.show($0)
    }
    progress.clear()
    return intake
  }

  /// Prints the hit ratios expected at some memory settings, for programs.
  private func printHits(
    at text: String, _ intake: LogIntake, _ options: inout PlanOptions
  ) throws {
    options.memorySettings = try text.split(separator: ",").map { setting in
      guard let megabytes = Int(setting), (128...32_768).contains(megabytes) else {
        throw ValidationError("--hits-at is \(text); it must be numbers from 128 to 32768.")
      }
      return megabytes
    }
    for point in Planner.points(intake, options) {
      let (low, high) = (point.hitRatio.low * 100, point.hitRatio.high * 100)
      print(
        "\(point.megabytes) MB: \(Format.fixed(low, 3)) to \(Format.fixed(high, 3)) %, "
          + "\(point.cacheBytes) bytes for caches")
    }
  }

  /// Prints hit ratios and the time of the replay alone, for measurements.
  private func printReplay(_ log: RequestLog, _ options: PlanOptions) {
    let limits = (0..<16).map { CacheLimit(byteLimit: 262_144 << ($0 / 2) + 65_536 * ($0 % 2)) }
    var results: [ReplayResult] = []
    let time = ContinuousClock().measure {
      results = Replay.run(log, limits: limits, threads: options.threads)
    }
    for (limit, result) in zip(limits, results) {
      print("\(Format.bytes(limit.byteLimit)): \(Format.percent(result.hitRatio, digits: 2))")
    }
    print("\(log.count) requests, \(limits.count) sizes: \(time)")
  }
}

/// A line on a terminal that is written over.
final class ProgressLine {
  private let isShown = Platform.hasTerminalForErrors

  func show(_ progress: ReadingProgress) {
    guard isShown else { return }
    let name = progress.file
    if let size = progress.size, size > 0 {
      let part = Double(progress.bytesRead) / Double(size)
      let bar = TextPlot.bar(part, width: 30)
      let space = String(repeating: " ", count: max(0, 30 - bar.count))
      Platform.printError("\r\u{1B}[K\(name) [\(bar)\(space)] \(Format.percent(part, digits: 0))")
    } else {
      Platform.printError("\r\u{1B}[K\(name): \(Format.bytes(progress.bytesRead))")
    }
  }

  func show(_ step: String) {
    if isShown { Platform.printError("\r\u{1B}[K\(step) …") }
  }

  func clear() {
    if isShown { Platform.printError("\r\u{1B}[K") }
  }
}
