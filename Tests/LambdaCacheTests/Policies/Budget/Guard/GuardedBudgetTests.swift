import LambdaCache
import TestSupport
import Testing

@Suite("Caches under a guard")
struct GuardedBudgetTests {
  private struct Scene {
    let process = SimulatedProcess()
    let budget: MemoryBudget
    let cache: Cache<Int, [UInt8]>
    let pressed = Locked(0)
    /// The bytes that other processes use of the same container.
    let others = Locked(0)

    init(memory: Int = 128, groupLimit: Int? = nil, minimum: MemorySize? = nil) throws {
      let (process, others) = (process, others)
      budget = try MemoryBudget(
        environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "\(memory)"],
        process: ProcessMemory(residentByteCount: 10 << 20, containerLimit: nil),
        readings: process.readings(groupLimit: groupLimit) {
          process.resident.map { $0 + others.withLock { $0 } }
        })
      let pressed = pressed
      cache = Cache(named: "any", in: budget) {
        $0.minimumSize = minimum
        $0.onRemoval = { _, _, cause in if cause == .pressure { pressed.withLock { $0 += 1 } } }
      }
      let cache = cache
      process.follow { cache.byteCount }
    }

    /// One invocation that sets some values of 100 KB.
    func invoke(_ number: Int, values: Int = 1, spike: Int = 0) -> Int {
      budget.invocationDidEnd()
      let height = process.spike(spike)
      cache.fill(number * 1000..<number * 1000 + values, byteCount: 100_000)
      return height
    }
  }

  @Test("Spikes of nearly a third of the memory never reach the limit, from the first one on")
  func spikes() throws {
    let scene = try Scene()
    var random = SplitMix64(seed: 7)
    var highest = 0
    for number in 0..<3000 {
      let spike = random.oneIn(20) ? random.number(0...(128 << 20) * 3 / 10) : 0
      highest = max(highest, scene.invoke(number, spike: spike))
    }
    #expect(highest < 128 << 20)
    #expect(scene.cache.byteCount > 55 << 20)
  }

  @Test("The caches give memory to a handler that needs more than the reserve")
  func largeNeed() throws {
    let scene = try Scene()
    for number in 0..<500 { _ = scene.invoke(number) }
    #expect(scene.cache.byteCount > 45 << 20)
    _ = scene.invoke(500, spike: 56 << 20)
    for number in 501..<2000 {
      #expect(scene.invoke(number, spike: 56 << 20) < 128 << 20)
    }
    #expect((50 << 20...60 << 20).contains(scene.cache.byteCount))
    #expect(scene.pressed.withLock { $0 } > 0)
    let statistics = scene.budget.guardStatistics
    #expect(statistics.handlerByteCount >= 55 << 20)
    #expect(statistics.sheds > 0 && statistics.shedByteCount > 3 << 20)
    #expect(statistics.readings >= 2000 && statistics.time > .zero)
    #expect(statistics.highWaterByteCount >= 110 << 20)
    #expect(scene.budget.explain().contains("held back"))
  }

  @Test("Memory that the handler keeps is taken from the caches, and lent again when it is freed")
  func recovery() throws {
    let scene = try Scene()
    for number in 0..<1000 { _ = scene.invoke(number) }
    let before = scene.cache.byteCount
    scene.process.grow(by: 30 << 20)
    for number in 1000..<1010 { _ = scene.invoke(number) }
    let during = scene.cache.byteCount
    #expect(during < before - (15 << 20))
    #expect(scene.process.resident ?? .max < 90 << 20)
    scene.process.grow(by: -(30 << 20))
    for number in 1010..<8000 { _ = scene.invoke(number) }
    #expect(scene.cache.byteCount > before - (4 << 20))
    #expect(scene.cache.byteCount <= scene.budget.byteLimit)
    #expect(scene.budget.guardStatistics.recoveries > 0)
  }

  @Test("Bytes that were held back are lent again at once where a trim makes room for them")
  func recoveryByTrim() throws {
    let scene = try Scene()
    for number in 0..<1000 { _ = scene.invoke(number) }
    // Each rise is less than the reserve, so that no greater need is learned.
    for _ in 0..<2 {
      scene.process.grow(by: 23 << 20)
      for _ in 0..<3 { scene.budget.invocationDidEnd() }
    }
    scene.process.grow(by: -(46 << 20))
    let during = scene.cache.byteCount
    #expect(during < 30 << 20)
    var number = 1000
    while scene.budget.guardStatistics.recoveries == 0, number < 5000 {
      // So little that nothing but the recovery has a reason to trim it.
      scene.process.leave((62 << 20) - during)
      _ = scene.invoke(number, values: 4)
      number += 1
    }
    let lent = scene.cache.budgetShare?.acquire(wanted: 66 << 20, required: 0) ?? 0
    #expect(scene.cache.byteLimit + lent >= during + (30 << 20))
    #expect(scene.cache.byteLimit + lent <= scene.budget.byteLimit)
  }

  @Test("Memory that the allocator keeps is given back before any entry goes")
  func trimming() throws {
    let scene = try Scene()
    for number in 0..<1000 { _ = scene.invoke(number) }
    scene.cache.removeAll()
    _ = scene.process.resident
    scene.process.grow(by: 20 << 20)
    scene.budget.invocationDidEnd()
    #expect(scene.process.trimCount == 1)
    let statistics = scene.budget.guardStatistics
    #expect(statistics.trims == 1 && statistics.trimmedByteCount > 60 << 20)
    #expect(statistics.sheds == 0 && scene.pressed.withLock { $0 } == 0)
  }

  @Test("The guard leaves the handler what it takes in each invocation, not what it takes once")
  func handlerHabit() throws {
    let scene = try Scene()
    for number in 0..<700 { _ = scene.invoke(number) }
    scene.process.keepFreed(part: 0)
    scene.budget.invocationDidEnd()
    func trims(_ boundaries: Int, leaving byteCount: (Int) -> Int) -> Int {
      let before = scene.process.trimCount
      for number in 0..<boundaries {
        scene.process.leave(byteCount(number))
        scene.budget.invocationDidEnd()
      }
      return scene.process.trimCount - before
    }
    #expect(trims(100) { $0 % 2 == 0 ? 3 << 20 : 0 } == 50)
    #expect((8...10).contains(trims(100) { _ in 3 << 20 }))
    // A little more each time is what evictions leave: that goes back, and the habit stays.
    #expect((4...6).contains(trims(20) { (3 << 20) + ($0 << 18) }))
    #expect(trims(100) { _ in 8 << 20 } <= 1)
  }

  @Test("An invocation that took memory is spared a trim, unless it or all of them left much")
  func postponedTrim() throws {
    let scene = try Scene(memory: 256)
    for number in 0..<2000 { _ = scene.invoke(number) }
    scene.process.keepFreed(part: 0)
    scene.budget.invocationDidEnd()
    /// The trims at boundaries at which the allocator keeps so many halves of a megabyte.
    func trims(leaving halves: Int...) -> [Int] {
      halves.map {
        let before = scene.process.trimCount
        scene.process.leave($0 << 19)
        scene.budget.invocationDidEnd()
        return scene.process.trimCount - before
      }
    }
    #expect(trims(leaving: 3, 3) == [0, 1])
    #expect(trims(leaving: 5) == [1])
    #expect(trims(leaving: 3, 6, 9) == [0, 0, 1])
    #expect(trims(leaving: 1, 1) == [0, 0])
  }

  @Test("Pressure does not make caches oscillate")
  func hysteresis() throws {
    let scene = try Scene()
    scene.process.grow(by: 25 << 20)
    for number in 0..<2000 { _ = scene.invoke(number) }
    let before = scene.budget.guardStatistics
    for number in 2000..<12_000 { _ = scene.invoke(number) }
    let since = scene.budget.guardStatistics - before
    #expect(since.sheds < 50, "\(since)")
    #expect(since.readings >= 10_000)
  }

  @Test("The guard believes the container's own count where it leaves less")
  func container() throws {
    let scene = try Scene(groupLimit: 128 << 20)
    for number in 0..<100 { _ = scene.invoke(number) }
    scene.others.withLock { $0 = 60 << 20 }
    for number in 100..<200 { _ = scene.invoke(number, values: 5) }
    #expect(scene.cache.byteCount < 20 << 20)
  }

  @Test("A minimum holds until there is nothing else to shed")
  func minimums() throws {
    let scene = try Scene(minimum: .bytes(30 << 20))
    for number in 0..<700 { _ = scene.invoke(number) }
    scene.process.grow(by: 30 << 20)
    for number in 700..<760 { _ = scene.invoke(number) }
    #expect(scene.cache.byteCount > 25 << 20)
    scene.process.grow(by: 40 << 20)
    for number in 760..<800 { _ = scene.invoke(number) }
    #expect(scene.cache.byteCount < 15 << 20)
  }

  @Test("The guard notices in the middle of an invocation that much is inserted")
  func insertions() throws {
    let scene = try Scene()
    scene.budget.invocationDidEnd()
    scene.process.grow(by: 60 << 20)
    scene.cache.fill(0..<2000, byteCount: 100_000)
    #expect(scene.budget.guardStatistics.readings > 10)
    #expect(scene.process.resident ?? .max < 127 << 20)
  }

  @Test("The guard leaves a process that cannot be read, and a fixed budget, alone")
  func blind() throws {
    let scene = try Scene()
    scene.process.goBlind()
    for number in 0..<1000 { _ = scene.invoke(number) }
    #expect(scene.cache.byteCount > 60 << 20)
    #expect(scene.budget.guardStatistics.sheds == 0)
    let fixed = MemoryBudget(byteLimit: 1 << 20)
    fixed.invocationDidEnd()
    #expect(fixed.guardStatistics == MemoryGuardStatistics())
  }

  @Test("The guard can watch the real process")
  func realProcess() throws {
    let budget = try MemoryBudget(environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "10240"])
    budget.invocationDidEnd()
    #if os(Linux)
      let statistics = budget.guardStatistics
      #expect(statistics.readings == 1)
      #expect(statistics.residentByteCount > 1 << 20)
      #expect(statistics.highWaterByteCount >= statistics.residentByteCount)
      #expect(budget.explain().contains("high mark"))
    #endif
  }
}
