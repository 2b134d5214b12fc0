import LambdaCache
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("The allocator of a guarded process", .prompt)
struct AllocatorSettingsTests {
  @Test(
    "A guard leaves an allocator's threshold from the environment alone, and only that",
    arguments: [
      (["MALLOC_MMAP_THRESHOLD_": "1048576"], true),
      (["GLIBC_TUNABLES": "glibc.malloc.check=1:glibc.malloc.mmap_threshold=65536"], true),
      (["GLIBC_TUNABLES": "glibc.malloc.check=1"], false),
      (["MALLOC_ARENA_MAX": "1"], false), ([:], false),
    ] as [([String: String], Bool)])
  func given(environment: [String: String], isGiven: Bool) {
    #expect(AllocatorSettings.areGiven(in: environment) == isGiven)
  }

  #if canImport(Glibc)
    /// glibc's header of a mapping has 16 bytes, so its usable size is that much less than whole
    /// pages.
    private static func isMapped(_ byteCount: Int) -> Bool {
      let block = malloc(byteCount)
      defer { free(block) }
      return usableByteCount(block) % 4096 == 4096 - 16
    }

    @Test(
      "After a budget was made a large block is a mapping, although a larger one was freed before",
      .enabled(if: AllocatedBytes.isAvailable))
    func mappings() async {
      await #expect(processExitsWith: .success) {
        // Without a budget the second block comes from the heap, where its room stays.
        _ = Self.isMapped(4 << 20)
        let before = Self.isMapped(2_000_001)
        let budget = try MemoryBudget(environment: [:])
        _ = Self.isMapped(4 << 20)
        let after = Self.isMapped(3_000_001)
        let small = Self.isMapped(100_001)
        exit(!before && after && !small && budget.byteLimit > 0 ? EXIT_SUCCESS : EXIT_FAILURE)
      }
    }

    @Test("A budget whose environment gives a threshold leaves the allocator alone")
    func leftAlone() async {
      await #expect(processExitsWith: .success) {
        _ = Self.isMapped(4 << 20)
        _ = try MemoryBudget(environment: ["MALLOC_MMAP_THRESHOLD_": "131072"])
        exit(Self.isMapped(1_000_001) ? EXIT_FAILURE : EXIT_SUCCESS)
      }
    }
  #endif
}

#if canImport(Glibc)
  /// `malloc_usable_size(3)`, whose header the module `Glibc` leaves out.
  @_silgen_name("malloc_usable_size")
  private func usableByteCount(_ block: UnsafeMutableRawPointer?) -> Int
#endif
