import LambdaCache
import Testing

private let mebibyte = 1 << 20

@Suite("When the guard sheds and lends")
struct MemoryGuardTests {
  private func reading(_ resident: Int, peak: Int? = nil, held: Int = 0, others: Int = 0)
    -> MemoryGuard.Reading
  {
    MemoryGuard.Reading(
      resident: resident * mebibyte, peak: (peak ?? resident) * mebibyte,
      others: others * mebibyte, held: held * mebibyte)
  }

  private func memoryGuard() -> MemoryGuard {
    MemoryGuard(limit: 128 * mebibyte, reserve: 40 * mebibyte)
  }

  @Test("below the high mark nothing happens, above it caches shed down to the low mark")
  func marks() {
    var memoryGuard = memoryGuard()
    #expect(memoryGuard.highMark == 86 * mebibyte && memoryGuard.lowMark == 82 * mebibyte)
    #expect(memoryGuard.note(reading(86), at: .boundary, isHoldingBack: false) == .nothing)
    #expect(
      memoryGuard.note(reading(90), at: .boundary, isHoldingBack: false)
        == .relieve(8 * mebibyte))
  }

  @Test("what is above the high mark is shed at once, the way to the low mark in steps")
  func steps() {
    // High mark 1,024 − 320 − 16 = 688 MiB, low mark 32 MiB below.
    var memoryGuard = MemoryGuard(limit: 1024 * mebibyte, reserve: 320 * mebibyte)
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

  @Test("an episode of steps counts once for how long recovery waits")
  func patienceOfSteps() {
    func wait(afterSteps count: Int) -> Int {
      var memoryGuard = MemoryGuard(limit: 1024 * mebibyte, reserve: 320 * mebibyte)
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

  @Test("what others in the container use counts")
  func others() {
    var memoryGuard = memoryGuard()
    #expect(
      memoryGuard.note(reading(70, others: 20), at: .boundary, isHoldingBack: false)
        == .relieve(8 * mebibyte))
  }

  @Test("a rise that the kernel's high-water mark shows raises what is kept free")
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

  @Test("what caches have grown by is not the handler's need")
  func growthOfCaches() {
    var memoryGuard = memoryGuard()
    _ = memoryGuard.note(reading(20), at: .boundary, isHoldingBack: false)
    _ = memoryGuard.note(reading(75, held: 50), at: .boundary, isHoldingBack: false)
    #expect(memoryGuard.seen == 5 * mebibyte)
    #expect(memoryGuard.handlerByteCount == 40 * mebibyte)
  }

  @Test("readings in the middle of an invocation see its rise, and leave it room")
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
      other.note(reading(100, held: 50), at: .insertion, isHoldingBack: false)
        == .relieve(18 * mebibyte))
  }

  @Test("what was held back is lent again in steps, the later the more often that was wrong")
  func recovery() {
    var memoryGuard = memoryGuard()
    func boundariesUntilRecovery(_ resident: Int) -> Int {
      for number in 1...10_000 {
        let action = memoryGuard.note(reading(resident), at: .boundary, isHoldingBack: true)
        if case .recover(let byteCount) = action {
          #expect(byteCount > 0 && byteCount <= 2 * mebibyte)
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
  }

  @Test("a need that does not come up again is forgotten, in steps below the margin")
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

  @Test("marks are in order for every memory that Lambda has", arguments: [128, 512, 3008, 10_240])
  func everySize(megabytes: Int) throws {
    let terms = try MemoryTerms(
      environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "\(megabytes)"],
      process: ProcessMemory(residentByteCount: 10 * mebibyte, containerLimit: nil))
    let memoryGuard = MemoryGuard(
      limit: terms.limit.byteCount, reserve: terms.handlerByteCount)
    #expect(memoryGuard.lowMark < memoryGuard.highMark)
    // A full budget of entries that lie well is below the mark.
    #expect(terms.byteLimit + terms.resident.byteCount < memoryGuard.lowMark)
  }
}
