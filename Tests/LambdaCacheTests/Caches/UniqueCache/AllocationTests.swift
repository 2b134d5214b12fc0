#if canImport(Glibc)
  import Glibc
  import LambdaCache
  import PromptTests
  import Testing

  /// Tells whether anything is allocated meanwhile, even if it is freed again.
  ///
  /// The report of `malloc_info` shows every arena, but takes a block in a thread's cache for one
  /// in use. So the blocks in that cache are taken and held first: the next block of any size class
  /// must then come out of an arena, and when it is freed it goes into the thread's cache instead
  /// of back. Larger blocks than that cache keeps are seen only while they are in use.
  ///
  /// Use it in an exit test, whose process is alone.
  private struct AllocationWitness {
    private typealias Report = @convention(c) (Int32, UnsafeMutablePointer<FILE>) -> Int32

    private let report: Report
    private let file: UnsafeMutablePointer<FILE>
    private let text = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    private let former = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)

    /// Whether the allocator is glibc's; a sanitizer puts its own in the place.
    static var isAvailable: Bool {
      dlsym(nil, "malloc_info") != nil && dlsym(nil, "__asan_init") == nil
        && dlsym(nil, "__tsan_init") == nil
    }

    init() {
      report = unsafeBitCast(dlsym(nil, "malloc_info")!, to: Report.self)
      file = fmemopen(text.baseAddress, text.count, "w")!
    }

    /// Whether at least one of a few runs allocates nothing; what allocates always does.
    func isQuiet(_ body: () -> Void) -> Bool {
      body()
      for _ in 0..<3 {
        holdCachedBlocks()
        write()
        former.copyMemory(from: UnsafeRawBufferPointer(text))
        body()
        write()
        if memcmp(text.baseAddress!, former.baseAddress!, text.count) == 0 { return true }
      }
      return false
    }

    private func write() {
      rewind(file)
      precondition(report(0, file) == 0, "malloc_info failed")
      precondition(putc(0, file) == 0 && fflush(file) == 0, "the report could not be written")
    }

    /// Takes more blocks of each size than a thread's cache keeps, and never gives them back.
    private func holdCachedBlocks() {
      for size in stride(from: 24, through: 1_032, by: 16) {
        for _ in 0..<32 { precondition(malloc(size) != nil, "no memory") }
      }
    }
  }

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
        for key in 0..<1_000 {
          unique[key] = key
          timed[key] = key
          shared[key] = key
        }
        var sum = 0
        let isQuiet = witness.isQuiet {
          for key in 0..<2_000 {
            sum &+= unique.value(forKey: key) ?? 1
            sum &+= timed.value(forKey: key) ?? 1
            sum &+= shared.value(forKey: key) ?? 1
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
        var key = 0
        func insert(_ count: Int) {
          for _ in 0..<count {
            byEntries[key] = key
            byBytes[key] = key
            timed[key] = key
            shared[key] = key
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
