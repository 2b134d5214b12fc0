import Testing

@testable import LambdaCache

/// An allocator that keeps memory, and gives it back or not.
private final class Heap: Sendable {
  private let state = Locked((resident: 100 << 20, returns: 0))

  /// How much of what is resident a trim gives back.
  func setReturns(_ byteCount: Int) { state.withLock { $0.returns = byteCount } }

  func watch() throws -> MemoryMonitor {
    let readings = MemoryReadings(
      resident: { self.state.withLock { $0.resident } }, peakResident: { nil }, group: { nil },
      groupLimit: nil, trim: { self.state.withLock { $0.resident -= $0.returns } },
      nanoseconds: { 0 })
    let terms = try MemoryTerms(
      environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512"],
      process: ProcessMemory(residentByteCount: 10 << 20, containerLimit: nil))
    return MemoryMonitor(terms: terms, readings: readings)
  }
}

@Suite("Trims while bytes are held back")
struct FutileTrimTests {
  private static let wanted = 4 << 20

  /// Takes looks before each of which as much is inserted as is wanted; whether each trimmed.
  private func looks(_ count: Int, _ watch: MemoryMonitor) throws -> [Bool] {
    try (0..<count).map { _ in
      _ = watch.noteInserted(Self.wanted)
      let reading = try #require(watch.read(cached: 0))
      return watch.trim(reading, wanted: Self.wanted, isUrgent: false, at: .insertion) != nil
    }
  }

  @Test(
    "Trims become rarer while they free little, to a bound, and return once they free much")
  func backingOff() throws {
    let heap = Heap()
    let watch = try heap.watch()
    // A trim takes a look itself: after one, two and four others it is tried again.
    let futile = [true, false, true, false, false, false, true, false, false, false, true]
    #expect(try looks(11, watch) == futile)
    heap.setReturns(20 << 20)
    #expect(try looks(7, watch) == [false, false, false, true, true, true, true])
    #expect(watch.statistics.trims == 8 && watch.statistics.trimmedByteCount == 80 << 20)
  }
}
