import Testing

@testable import LambdaCache

@Suite("The demand of a cache on a budget")
struct BudgetUsageTests {
  private func cache(in budget: MemoryBudget, _ name: String) throws -> Cache<Int, Int> {
    Cache(named: name, in: budget)
  }

  @Test("A cache asks its budget after so many bytes of entries with their slots, and then again")
  func portions() {
    var usage = BudgetUsage()
    for round in 0..<3 {
      for number in 1...10 {
        let due = usage.note(0, structureByteCount: 40, portion: 400, samplingInterval: 200)
        #expect(due.inserted == (number == 10 ? 400 : 0), "\(number) of round \(round)")
        #expect(due.mustSample == number.isMultiple(of: 5), "\(number) of round \(round)")
      }
    }
  }

  @Test("The demand of a cache counts the slots of entries, not only their bytes on the heap")
  func slots() throws {
    let budget = MemoryBudget(byteLimit: 1 << 20)
    let (idle, integers) = (try cache(in: budget, "idle"), try cache(in: budget, "integers"))
    for key in 0..<200 { idle.setValue(1, forKey: key, heapByteCount: 10_000) }
    // Twice its share, were it to have it at once.
    for key in 0..<30_000 { integers[key] = key }
    #expect(integers.byteLimit >= 1 << 19)
  }

  @Test(
    "A cache demands nothing for an entry that replaces another of its size, by number or bytes")
  func fullByEntries() throws {
    let budget = MemoryBudget(byteLimit: 64 << 20)
    let (few, idle) = (try cache(in: budget, "few"), try cache(in: budget, "idle"))
    few.entryLimit = 4
    for key in 0..<400 { idle.setValue(1, forKey: key, heapByteCount: 200_000) }
    for key in 0..<4 { few.setValue(1, forKey: key, heapByteCount: 4_000_000) }
    let (limit, count) = (few.byteLimit, idle.count)
    for key in 4..<100 { few.setValue(1, forKey: key, heapByteCount: 4_000_000) }
    #expect(few.count == 4)
    #expect(few.byteLimit < 20_000_000 && few.byteLimit >= 16_000_000)
    #expect(few.byteLimit <= limit && idle.count == count)
  }
}
