import LambdaCache
import PlannerCore
import Testing

@Suite("Money and memory")
struct MoneyTests {
  @Test(
    "The model of money and memory reserves what the library reserves",
    arguments: [
      (128, 52), (256, 100), (512, 196), (1024, 388), (2048, 580), (4096, 964), (10_240, 2116),
    ])
  func reserve(megabytes: Int, mebibytes: Int) {
    #expect(MemoryPlan.reserve(megabytes: megabytes) == mebibytes << 20)
  }

  @Test(
    "The model of money and memory leaves caches what the library leaves them",
    arguments: [4096, 6144, 8192, 10_240])
  func budget(megabytes: Int) throws {
    // This process itself uses the same at both settings, or nearly.
    let real = try Self.budget(megabytes) - Self.budget(2048)
    let ours =
      MemoryPlan.cacheBytes(megabytes: megabytes, resident: 0)
      - MemoryPlan.cacheBytes(megabytes: 2048, resident: 0)
    #expect(abs(real - ours) < 64 << 20)
  }

  @Test("The model of money and memory keeps what LAMBDA_CACHE_RESERVE says, as the library does")
  func reserveOfTheEnvironment() throws {
    let real = try Self.budget(2048, reserve: "70MiB") - Self.budget(2048)
    let ours =
      MemoryPlan.cacheBytes(megabytes: 2048, resident: 0, reserve: 70 << 20)
      - MemoryPlan.cacheBytes(megabytes: 2048, resident: 0)
    #expect(abs(real - ours) < 64 << 20)
    #expect(MemoryPlan.cacheBytes(megabytes: 128, resident: 5 << 20, reserve: 200 << 20) == 0)
  }

  /// The bytes that the library's budget leaves for caches, out of its explanation.
  private static func budget(_ megabytes: Int, reserve: String = "auto") throws -> Int {
    let budget = try MemoryBudget(
      environment: [
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "\(megabytes)", "LAMBDA_CACHE_RESERVE": reserve,
      ])
    let line = budget.explain().split(separator: "\n").first { $0.contains("for caches") }
    return try #require(line?.split(separator: " ").dropLast().last.flatMap { Int($0) })
  }

  @Test("The model of money and memory grows the reserve with the invocations at once")
  func managedInstances() {
    #expect(MemoryPlan.reserve(megabytes: 2048, concurrency: 16) == 700 << 20)
  }

  @Test("The model of money gives part of a processor below 1,769 MB, and one above")
  func processor() {
    var workload = Workload()
    workload.handlerProcessor = 10
    workload.handlerWait = 5
    workload.loadProcessor = 1
    workload.loadWait = 9
    workload.recordedLoad = 20
    #expect(workload.timing(megabytes: 1769).handler == 15_000)
    #expect(workload.timing(megabytes: 10_240).handler == 15_000)
    #expect(workload.timing(megabytes: 128).handler == Int64((1769.0 / 12.8 + 5) * 1000))
    #expect(workload.timing(megabytes: 1769).load == 10_000)
    #expect(workload.timing(megabytes: 1769).loadScale == 0.5)
  }

  @Test("The model of money and memory multiplies a fleet to a month")
  func month() {
    var fleet = FleetResult()
    fleet.requests = 1_000_000
    fleet.reads = 250_000
    fleet.billedMilliseconds = 5_000_000
    fleet.billedInitMilliseconds = 200_000
    var prices = Prices()
    prices.perGigabyteSecond = 0.00001
    let cost = MonthlyCost(fleet, megabytes: 2048, prices: prices, monthsPerLog: 10)
    #expect(abs(cost.duration - 5000 * 2 * 0.00001 * 10) < 1e-9)
    #expect(abs(cost.initialization - 200 * 2 * 0.00001 * 10) < 1e-9)
    #expect(abs(cost.requests - 2) < 1e-9)
    #expect(abs(cost.reads - 0.3125) < 1e-9)
    #expect(abs(cost.total - (cost.duration + cost.initialization + 2.3125)) < 1e-9)
  }
}

@Suite("Managed Instances")
struct InstancePriceTests {
  @Test(
    "Managed Instances cost what the instances do that the most environments at one time need",
    arguments: [(1, 2048, 3), (12, 2048, 3), (13, 2048, 4), (2, 8192, 3), (5, 32_768, 20)])
  func instances(environments: Int, megabytes: Int, count: Int) {
    var instances = InstancePrices()
    instances.perHour = 0.1
    instances.fee = 0.5
    let month = instances.perMonth(environments: environments, megabytes: megabytes)
    #expect(abs(month - Double(count) * 0.15 * hoursPerMonth) < 1e-9)
    var fleet = FleetResult()
    fleet.peakEnvironments = environments
    fleet.requests = 1_000_000
    fleet.billedMilliseconds = 1_000_000_000
    var prices = Prices()
    prices.instances = instances
    let cost = MonthlyCost(fleet, megabytes: megabytes, prices: prices, monthsPerLog: 1)
    #expect(cost.duration == month && cost.initialization == 0 && cost.requests > 0)
  }
}

@Suite("A plan")
struct PlanTests {
  private static func plan(
    _ log: RequestLog, _ change: (inout PlanOptions) -> Void = { _ in }
  ) -> (Plan, Advice) {
    var options = PlanOptions()
    options.memorySettings = [128, 512, 1769, 10_240]
    options.timesToLive = [1000, 60_000, nil]
    options.environmentCounts = [1, 4]
    change(&options)
    let plan = Planner.plan(LogIntake(synthetic: log), options)
    return (plan, Advice(plan))
  }

  @Test("A plan recommends a cache where it saves, with variables that the library takes")
  func pays() throws {
    let log = SyntheticLog.make(requests: 20_000, keys: 1000, rate: 50)
    let (plan, advice) = Self.plan(log)
    #expect(advice.pays)
    #expect(advice.saving.low > 0 && advice.saving.low <= advice.saving.high)
    #expect(plan.points[plan.best].cost.high < plan.points[plan.bestWithout].without.total)
    let variables = advice.variables.map { $0.split(separator: "=").map(String.init) }
    _ = try CacheConfiguration(
      environment: Dictionary(uniqueKeysWithValues: variables.map { ($0[0], $0[1]) }))
    #expect(variables.contains { $0[0] == "LAMBDA_CACHE_SIZE" })
  }

  @Test("A plan states plainly where a cache does not pay, and what would")
  func doesNotPay() {
    // Each key once.
    var log = RequestLog()
    for index in 0..<5000 {
      log.keys.append(KeyHash.hash(UInt64(index)))
      log.heapBytes.append(1040)
    }
    log.requestsRead = log.count
    log.assumeTimes(rate: 10)
    let (plan, advice) = Self.plan(log)
    #expect(!advice.pays)
    #expect(advice.variables.isEmpty)
    #expect(advice.paragraph.contains("does not pay"))
    #expect(plan.facts.ceiling == 0 && plan.facts.onceRatio == 1)
  }

  @Test("A plan names a shared store where environments meet each key once")
  func shared() {
    // Many environments at once, each of which starts for one request and is gone.
    var log = RequestLog()
    for index in 0..<4000 {
      log.keys.append(KeyHash.hash(UInt64(index % 40)))
      log.heapBytes.append(1040)
      log.times.append(Int64(index) * 60_000)
    }
    log.requestsRead = log.count
    let (plan, advice) = Self.plan(log) { $0.idleLives = [1_000_000] }
    #expect(!advice.pays)
    #expect(plan.facts.ceiling == 0.99)
    #expect(advice.paragraph.contains("CloudFront") && advice.paragraph.contains("shared store"))
  }

  @Test("A plan keeps to the longest time to live that is allowed")
  func longest() {
    let log = SyntheticLog.make(requests: 5000, keys: 500, rate: 5)
    let (plan, _) = Self.plan(log) { $0.longestTimeToLive = 1000 }
    #expect(plan.timeToLive == 1000)
  }

  @Test(
    "A plan compares policies where there are several, and says nothing of it where there is one")
  func policies() {
    let log = SyntheticLog.make(requests: 2000, keys: 100, rate: 50)
    let (plan, _) = Self.plan(log) { $0.policies = [.leastRecentlyUsed] }
    #expect(plan.policies.map(\.policy) == [.leastRecentlyUsed])
    let content = PlanContent(plan)
    for text in [TextReport(content).text, HTMLReport(content).text] {
      #expect(!text.lowercased().contains("adaptive") && !text.contains("By policy"))
    }
    let (both, _) = Self.plan(log)
    #expect(both.policies.map(\.policy) == [.leastRecentlyUsed, .adaptive])
    #expect(HTMLReport(PlanContent(both)).text.contains("By policy"))
  }

  @Test("A plan recommends the adaptive policy where it pays, with its variable, and else LRU")
  func recommendedPolicy() {
    // A loop over more keys than fit: the least recently used one is always the next.
    var loop = RequestLog()
    for index in 0..<60_000 {
      loop.keys.append(KeyHash.hash(UInt64(index % 8_000)))
      loop.heapBytes.append(16_000)
      loop.times.append(1_700_000_000_000 + Int64(index) * 100)
    }
    loop.requestsRead = loop.count
    let (plan, advice) = Self.plan(loop) {
      $0.memorySettings = [128]
      $0.timesToLive = [nil]
    }
    #expect(plan.policy == .adaptive)
    #expect(advice.variables.contains { $0 == "LAMBDA_CACHE_POLICY=adaptive" })
    let (first, last) = (plan.policies[0], plan.policies[1])
    #expect(last.hitRatio > first.hitRatio + 0.2 && last.cost < first.cost)
    #expect(plan.points[plan.best].fleets.allSatisfy { $0.hitRatio > first.hitRatio })

    let small = SyntheticLog.make(requests: 2000, keys: 100, rate: 50)
    let (plain, plainAdvice) = Self.plan(small)
    #expect(plain.policy == .leastRecentlyUsed)
    #expect(!plainAdvice.variables.contains { $0.contains("POLICY") })
  }

  @Test("A plan is made of the smallest logs, too", arguments: [1, 2, 3])
  func tiny(count: Int) {
    var log = RequestLog()
    for _ in 0..<count {
      log.keys.append(7)
      log.heapBytes.append(0)
      log.times.append(1_700_000_000_000)
    }
    log.requestsRead = count
    let content = PlanContent(Self.plan(log).0)
    #expect(!TextReport(content).text.contains("nan"))
    #expect(!HTMLReport(content).text.contains("nan"))
  }

  @Test("A plan takes entries that no cache has room for")
  func enormousEntries() {
    var log = SyntheticLog.make(requests: 1000, keys: 10)
    log.heapBytes = log.heapBytes.map { _ in UInt32.max }
    let (plan, _) = Self.plan(log)
    // Four gibibytes fit at 10,240 MB alone.
    #expect(plan.points.dropLast().allSatisfy { $0.hitRatio.high == 0 })
  }

  @Test("A plan as a page needs nothing from elsewhere, and escapes what a log contains")
  func page() throws {
    let folder = TemporaryFolder()
    let file = folder.write("a<b>&c", Samples.tsv + "<script>\n")
    var options = InputOptions()
    options.now = 1_800_000_000_000
    let intake = try LogReader.read([file], options: options)
    var planOptions = PlanOptions()
    planOptions.memorySettings = [128, 1769]
    planOptions.timesToLive = [1000, nil]
    let plan = Planner.plan(intake, planOptions)
    let page = HTMLReport(PlanContent(plan)).text
    #expect(page.contains("a&lt;b&gt;&amp;c:5"))
    #expect(!page.contains("<script"))
    let links = page.split(separator: "http").dropFirst()
    #expect(links.allSatisfy { $0.hasPrefix("://www.w3.org/2000/svg") })
    #expect(page.contains("prefers-color-scheme:dark"))
    for (name, svg) in Charts(plan).files {
      #expect(name.hasSuffix(".svg") && svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n"))
    }
  }
}

@Suite("Numbers as text")
struct FormatTests {
  @Test("Numbers as text are rounded and grouped")
  func numbers() {
    #expect(Format.fixed(1234.5678, 2) == "1,234.57")
    #expect(Format.fixed(-0.004, 2) == "0.00")
    #expect(Format.fixed(-1.5, 1) == "-1.5")
    #expect(Format.fixed(.infinity, 1) == "inf" && Format.fixed(.nan, 1) == "nan")
    #expect(Format.fixed(1e300, 2) == "1e+300")
    #expect(Format.price(20) == "$20" && Format.price(0.0000133334) == "$0.0000133334")
    #expect(Format.count(1_000_000) == "1,000,000")
    #expect(Format.percent(0.1234) == "12.3\u{A0}%")
    #expect(Format.dollars(0.0042) == "$0.004")
    #expect(Format.dollars(-12.345) == "-$12.35")
    #expect(Format.bytes(1536) == "1.5 KiB")
    #expect(Format.lifetime(nil) == "none" && Format.lifetime(5_400_000) == "90m")
  }

  @Test("Bars are filled in eighths")
  func bars() {
    #expect(TextPlot.bar(0, width: 4) == "·")
    #expect(TextPlot.bar(0.5, width: 4) == "██")
    #expect(TextPlot.bar(2, width: 2) == "██")
    #expect(TextPlot.bar(1 / 16, width: 2) == "▏")
    #expect(TextPlot.bar(.nan, width: 2) == "·")
  }
}
