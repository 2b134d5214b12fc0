#if canImport(Glibc)
  import Glibc
  import LambdaCache
  import TestSupport
  import Testing

  @Suite(
    "Heap allocations", .prompt, .enabled(if: AllocationWitness.isAvailable, "glibc's malloc only"))
  struct AllocationTests {
    @Test("The witness sees a block that is freed at once, and one that is kept")
    func witnessSees() async {
      await #expect(processExitsWith: .success) {
        let witness = AllocationWitness()
        var kept: UnsafeMutableRawPointer?
        precondition(witness.isQuiet {})
        for size in [1, 40, 100, 1_000] {
          precondition(!witness.isQuiet { free(malloc(size)) }, "\(size) bytes were not seen")
        }
        precondition(!witness.isQuiet { kept = malloc(40) })
        precondition(!witness.isQuiet { kept = malloc(100_000) })
        precondition(kept != nil)
      }
    }

    @Test("Hits and misses of trivial types allocate nothing")
    func hits() async {
      await #expect(processExitsWith: .success) {
        let witness = AllocationWitness()
        var unique = UniqueCache<Int, Int>(byteLimit: 1 << 20)
        var timed = UniqueCache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(3_600))
        let shared = Cache<Int, Int>(byteLimit: 1 << 20)
        let adaptive = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 1_000) {
          $0.policy = .adaptive
        }
        for key in 0..<1_000 {
          unique[key] = key
          timed[key] = key
          shared[key] = key
          adaptive[key] = key
        }
        var sum = 0
        let isQuiet = witness.isQuiet {
          for key in 0..<2_000 {
            sum &+= unique.value(forKey: key) ?? 1
            sum &+= timed.value(forKey: key) ?? 1
            sum &+= shared.value(forKey: key) ?? 1
            sum &+= adaptive.value(forKey: key) ?? 1
          }
        }
        precondition(isQuiet && sum > 0, "a hit or a miss allocated")
      }
    }

    @Test("Evicting insertions of trivial types allocate nothing")
    func evictingInsertions() async {
      await #expect(processExitsWith: .success) {
        let witness = AllocationWitness()
        var byEntries = UniqueCache<Int, Int>(byteLimit: 1 << 20, entryLimit: 500)
        var byBytes = UniqueCache<Int, Int>(byteLimit: 40_000)
        var timed = UniqueCache<Int, Int>(
          byteLimit: 1 << 20, entryLimit: 500, timeToLive: .seconds(3_600))
        let shared = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 500)
        let adaptive = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 500) {
          $0.policy = .adaptive
        }
        var key = 0
        func insert(_ count: Int) {
          for _ in 0..<count {
            byEntries[key] = key
            byBytes[key] = key
            timed[key] = key
            shared[key] = key
            adaptive[key] = key
            key += 1
          }
        }
        insert(5_000)
        let isQuiet = witness.isQuiet { insert(2_000) }
        precondition(isQuiet, "an insertion allocated")
        precondition(byBytes.statistics.removals.size > 2_000)
      }
    }

    @Test("Replacements and removals of trivial types allocate nothing")
    func replacements() async {
      await #expect(processExitsWith: .success) {
        let witness = AllocationWitness()
        var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20)
        for key in 0..<500 { cache[key] = key }
        let isQuiet = witness.isQuiet {
          for key in 0..<500 { cache[key] = key + 1 }
          for key in 0..<50 { cache.removeValue(forKey: key) }
          for key in 0..<50 { cache[key] = key }
        }
        precondition(isQuiet, "a replacement or a removal allocated")
      }
    }
  }
#endif
