import LambdaCache
import Testing

private let mebibyte = 1 << 20

@Suite("The guard's decisions to shed and to lend")
struct MemoryPressurePolicyTests {
  private func reading(
    _ resident: Int, peak: Int? = nil, cached: Int = 0, others: Int = 0, inserted: Int = 0
  ) -> MemoryPressurePolicy.Reading {
    MemoryPressurePolicy.Reading(
      resident: resident * mebibyte, peak: (peak ?? resident) * mebibyte,
      others: others * mebibyte, cached: cached * mebibyte, inserted: inserted * mebibyte)
  }

  private func memoryGuard() -> MemoryPressurePolicy {
    MemoryPressurePolicy(limit: 128 * mebibyte, reserve: 40 * mebibyte)
  }

  @Test("Caches shed down to the low mark above the high one, and nothing happens below it")
  func marks() {
    var memoryGuard = memoryGuard()
    #expect(memoryGuard.highMark == 86 * mebibyte && memoryGuard.lowMark == 82 * mebibyte)
    #expect(memoryGuard.note(reading(86), at: .boundary, isHoldingBack: false) == .nothing)
    #expect(
      memoryGuard.note(reading(90), at: .boundary, isHoldingBack: false)
        == .relieve(8 * mebibyte))
  }

  @Test("Bytes above the high mark are shed at once, those down to the low mark in steps")
  func steps() {
    // High mark 1,024 − 320 − 16 = 688 MiB, low mark 32 MiB below.
    var memoryGuard = MemoryPressurePolicy(limit: 1024 * mebibyte, reserve: 320 * mebibyte)
    var resident = 700
    var shed: [Int] = []
    while case .relieve(let byteCount) = memoryGuard.note(
      reading(resident), at: .boundary, isHoldingBack: false)
    {
      shed.append(byteCount / mebibyte)
      resident -= byteCount / mebibyte
    }
    #expect(shed == [16] + Array(repeating: 4, count: 7))
    #expect(resident == 656)
    // Between the marks nothing happens once the low one was reached.
    #expect(memoryGuard.note(reading(680), at: .boundary, isHoldingBack: false) == .nothing)
  }

  @Test("An episode of steps counts once for how long recovery waits")
  func patienceOfSteps() {
    func wait(afterSteps count: Int) -> Int {
      var memoryGuard = MemoryPressurePolicy(limit: 1024 * mebibyte, reserve: 320 * mebibyte)
      for number in 0..<count {
        _ = memoryGuard.note(reading(700 - number), at: .boundary, isHoldingBack: true)
      }
      for number in 1...1000 {
        if case .recover = memoryGuard.note(reading(600), at: .boundary, isHoldingBack: true) {
          return number
        }
      }
      return .max
    }
    #expect(wait(afterSteps: 8) == wait(afterSteps: 1))
  }

  @Test("Memory that others in the container use counts")
  func others() {
    var memoryGuard = memoryGuard()
    #expect(
      memoryGuard.note(reading(70, others: 20), at: .boundary, isHoldingBack: false)
        == .relieve(8 * mebibyte))
  }

  @Test("A rise that the kernel's high-water mark shows raises what is kept free")
  func learnsFromPeak() {
    var memoryGuard = memoryGuard()
    _ = memoryGuard.note(reading(50), at: .boundary, isHoldingBack: false)
    _ = memoryGuard.note(reading(50, peak: 110), at: .boundary, isHoldingBack: false)
    #expect(memoryGuard.handlerByteCount == 60 * mebibyte)
    #expect(memoryGuard.highMark == 66 * mebibyte)
    // The same mark again says nothing new.
    _ = memoryGuard.note(reading(20, peak: 110), at: .boundary, isHoldingBack: false)
    _ = memoryGuard.note(reading(20, peak: 110), at: .boundary, isHoldingBack: false)
    #expect(memoryGuard.handlerByteCount == 60 * mebibyte)
  }

  @Test("The growth of caches is not the handler's need")
  func growthOfCaches() {
    var memoryGuard = memoryGuard()
    _ = memoryGuard.note(reading(20), at: .boundary, isHoldingBack: false)
    _ = memoryGuard.note(reading(75, cached: 50), at: .boundary, isHoldingBack: false)
    #expect(memoryGuard.seen == 5 * mebibyte)
    #expect(memoryGuard.handlerByteCount == 40 * mebibyte)
  }

  @Test("Readings in the middle of an invocation see its rise, and leave it room")
  func insertions() {
    var memoryGuard = memoryGuard()
    _ = memoryGuard.note(reading(50), at: .boundary, isHoldingBack: false)
    #expect(memoryGuard.note(reading(120), at: .insertion, isHoldingBack: false) == .nothing)
    #expect(
      memoryGuard.note(reading(127), at: .insertion, isHoldingBack: false)
        == .relieve(5 * mebibyte))
    _ = memoryGuard.note(reading(50, peak: 127), at: .boundary, isHoldingBack: false)
    #expect(memoryGuard.seen == 77 * mebibyte)
    // Caches that grow by themselves must leave what the handler may still need.
    var other = self.memoryGuard()
    _ = other.note(reading(50), at: .boundary, isHoldingBack: false)
    #expect(
      other.note(reading(100, cached: 50), at: .insertion, isHoldingBack: false)
        == .relieve(18 * mebibyte))
  }

  @Test("Memory of evicted entries is not taken for the handler's, which may need all of its own")
  func evictedEntries() {
    var memoryGuard = memoryGuard()
    _ = memoryGuard.note(reading(60, cached: 50), at: .boundary, isHoldingBack: false)
    // 26 MiB more are resident and as much was evicted: the handler may not have begun.
    let full = reading(86, cached: 50, inserted: 26)
    #expect(memoryGuard.note(full, at: .insertion, isHoldingBack: false) == .nothing)
    let over = reading(87, cached: 50, inserted: 27)
    #expect(
      memoryGuard.note(over, at: .insertion, isHoldingBack: false) == .relieve(5 * mebibyte))
    // Of which 20 came back: what is resident instead is the handler's.
    memoryGuard.noteShed(20 * mebibyte, returned: 20 * mebibyte)
    #expect(memoryGuard.note(over, at: .insertion, isHoldingBack: false) == .nothing)
  }

  @Test("The allocator is trimmed before anything is shed, unless it has just been or cannot be")
  func trimFirst() {
    let over = reading(90, cached: 50)
    func action(_ point: MemoryPressurePolicy.Point, canTrim: Bool, isTrimmed: Bool)
      -> MemoryPressurePolicy.Action
    {
      var memoryGuard = MemoryPressurePolicy(
        limit: 128 * mebibyte, reserve: 40 * mebibyte, resident: 40 * mebibyte, canTrim: canTrim)
      return memoryGuard.note(over, at: point, isHoldingBack: false, isTrimmed: isTrimmed)
    }
    for point in [MemoryPressurePolicy.Point.boundary, .insertion] {
      #expect(action(point, canTrim: true, isTrimmed: false) == .trim(4 * mebibyte, isUrgent: true))
      #expect(action(point, canTrim: true, isTrimmed: true) == .relieve(8 * mebibyte))
      #expect(action(point, canTrim: false, isTrimmed: false) == .relieve(8 * mebibyte))
    }
  }

  @Test("A rise that stays after a trim, where entries were evicted, is not what the handler needs")
  func stuckMemory() {
    func seen(evicted: Int, residentAfterTrim: Int) -> Int {
      var memoryGuard = memoryGuard()
      _ = memoryGuard.note(reading(50, cached: 40), at: .boundary, isHoldingBack: false)
      let end = reading(70, peak: 100, cached: 40, inserted: evicted)
      let action = memoryGuard.note(end, at: .boundary, isHoldingBack: false, isTrimmed: false)
      #expect((action == .trimToLearn) == (evicted > 0))
      let after = reading(residentAfterTrim, peak: 100, cached: 40, inserted: evicted)
      _ = memoryGuard.note(after, at: .boundary, isHoldingBack: false)
      return memoryGuard.seen / mebibyte
    }
    #expect(seen(evicted: 20, residentAfterTrim: 70) == 30)
    #expect(seen(evicted: 5, residentAfterTrim: 70) == 45)
    #expect(seen(evicted: 20, residentAfterTrim: 50) == 50)
    #expect(seen(evicted: 0, residentAfterTrim: 70) == 50)
  }

  @Test("Bytes of evicted entries are lent again at once, at insertions and at boundaries")
  func recoveryAfterEvictions() {
    for point in [MemoryPressurePolicy.Point.boundary, .insertion] {
      var memoryGuard = memoryGuard()
      _ = memoryGuard.note(reading(76, cached: 66), at: .boundary, isHoldingBack: false)
      let over = reading(90, cached: 66, inserted: 20)
      #expect(memoryGuard.note(over, at: point, isHoldingBack: false) == .relieve(8 * mebibyte))
      memoryGuard.noteShed(50 * mebibyte, returned: 50 * mebibyte)
      let after = reading(40, cached: 16, inserted: 20)
      memoryGuard.noteRelief(after, at: point)
      #expect(
        memoryGuard.note(after, at: point, isHoldingBack: true) == .recover(42 * mebibyte))
      let low = reading(82, cached: 58, inserted: 62)
      #expect(memoryGuard.note(low, at: point, isHoldingBack: true) == .nothing)
    }
  }

  @Test("The allocator is trimmed while bytes are held back and there is no room")
  func trimForRoom() {
    var memoryGuard = memoryGuard()
    _ = memoryGuard.note(reading(76, cached: 66), at: .boundary, isHoldingBack: false)
    let low = reading(82, cached: 66, inserted: 6)
    #expect(
      memoryGuard.note(low, at: .boundary, isHoldingBack: true, isTrimmed: false) == .nothing)
    #expect(
      memoryGuard.note(
        reading(83, cached: 66), at: .boundary, isHoldingBack: true, isTrimmed: false)
        == .trim(4 * mebibyte, isUrgent: false))
    _ = memoryGuard.note(reading(76, cached: 66), at: .boundary, isHoldingBack: false)
    let tight = reading(84, cached: 66, inserted: 8)
    #expect(
      memoryGuard.note(tight, at: .insertion, isHoldingBack: true, isTrimmed: false)
        == .trim(4 * mebibyte, isUrgent: false))
    #expect(memoryGuard.note(tight, at: .insertion, isHoldingBack: true) == .nothing)
    #expect(
      memoryGuard.note(tight, at: .insertion, isHoldingBack: false, isTrimmed: false) == .nothing)
  }

  @Test(
    "Memory the handler took and gave back is lent again the later the more often that was wrong")
  func recovery() {
    var memoryGuard = memoryGuard()
    func boundariesUntilRecovery(_ resident: Int) -> Int {
      for number in 1...10_000 {
        let action = memoryGuard.note(reading(resident), at: .boundary, isHoldingBack: true)
        if case .recover(let byteCount) = action {
          #expect(byteCount == memoryGuard.lowMark - 60 * mebibyte)
          return number
        }
      }
      return .max
    }
    _ = memoryGuard.note(reading(100), at: .boundary, isHoldingBack: true)
    let first = boundariesUntilRecovery(60)
    #expect((1...64).contains(first))
    var waits: [Int] = []
    for _ in 0..<5 {
      _ = memoryGuard.note(reading(100), at: .boundary, isHoldingBack: true)
      waits.append(boundariesUntilRecovery(60))
    }
    #expect(waits == waits.sorted() && waits[4] > 4 * first)
    #expect(boundariesUntilRecovery(82) == .max)
    // After a long time it counts as the first mistake.
    _ = boundariesUntilRecovery(60)
    for _ in 0..<(10 * waits[4]) {
      _ = memoryGuard.note(reading(60), at: .boundary, isHoldingBack: false)
    }
    _ = memoryGuard.note(reading(100), at: .boundary, isHoldingBack: true)
    #expect(boundariesUntilRecovery(60) == first)
  }

  @Test("A need that does not come up again is forgotten, in steps below the margin")
  func forgetting() {
    var memoryGuard = memoryGuard()
    _ = memoryGuard.note(reading(20), at: .boundary, isHoldingBack: false)
    _ = memoryGuard.note(reading(20, peak: 100), at: .boundary, isHoldingBack: false)
    #expect(memoryGuard.seen == 80 * mebibyte)
    var last = memoryGuard.seen
    for _ in 0..<100_000 {
      _ = memoryGuard.note(reading(20, peak: 100), at: .boundary, isHoldingBack: false)
      #expect(last - memoryGuard.seen <= memoryGuard.margin / 2)
      last = memoryGuard.seen
    }
    #expect(memoryGuard.handlerByteCount == 40 * mebibyte)
  }

  @Test("Marks are in order for every memory that Lambda has", arguments: [128, 512, 3008, 10_240])
  func everySize(megabytes: Int) throws {
    let terms = try MemoryTerms(
      environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "\(megabytes)"],
      process: ProcessMemory(residentByteCount: 10 * mebibyte, containerLimit: nil))
    let memoryGuard = MemoryPressurePolicy(
      limit: terms.limit.byteCount, reserve: terms.handlerByteCount)
    #expect(memoryGuard.lowMark < memoryGuard.highMark)
    // A full budget of entries that lie well is below the mark.
    #expect(terms.byteLimit + terms.resident.byteCount < memoryGuard.lowMark)
  }
}
