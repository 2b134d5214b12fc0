#if canImport(Glibc)
  import Glibc
#endif

/// The settings that a guarded budget makes in the allocator of the C library, for the whole
/// process.
///
/// glibc maps blocks from 128 KiB on by themselves and returns them when they are freed. But it
/// raises that threshold to the size of every mapped block that is freed, up to 32 MiB. From then
/// on such blocks come from the heap, entries are placed in the holes that they leave, and the next
/// large block makes the heap longer. A fixed threshold keeps large blocks of the handler and of
/// the caches out of each other's way.
package enum AllocatorSettings {
  /// The size from which on a block is a mapping: the one that sizes are estimated with.
  package static let mappingThreshold = Allocator.glibcMappingThreshold
  /// The number of blocks that may be mappings at the same time, half of the mappings that the
  /// kernel allows a process (`vm.max_map_count`, 65,530): other mappings must not fail for them.
  package static let mappingLimit = 32_768
  /// The bytes that may be free at the end of the heap before they are returned unasked, so that a
  /// handler that takes little does not wait for the same pages in each invocation.
  package static let trimThreshold = 1 << 20

  /// Returns whether the environment has other settings.
  package static func areGiven(in environment: [String: String]) -> Bool {
    if environment["MALLOC_MMAP_THRESHOLD_"] != nil { return true }
    return (environment["GLIBC_TUNABLES"] ?? "").utf8.split(separator: UInt8(ascii: ":"))
      .contains { $0.starts(with: "glibc.malloc.mmap_threshold=".utf8) }
  }

  /// Makes the settings that the environment does not.
  static func apply(environment: [String: String]) {
    #if canImport(Glibc)
      guard !areGiven(in: environment) else { return }
      // The names of `mallopt(3)`, which the module `Glibc` leaves out.
      let (trimThreshold, mappingThreshold, mappingLimit): (Int32, Int32, Int32) = (-1, -3, -4)
      _ = setAllocatorOption(mappingThreshold, Int32(Self.mappingThreshold))
      _ = setAllocatorOption(mappingLimit, Int32(Self.mappingLimit))
      _ = setAllocatorOption(trimThreshold, Int32(Self.trimThreshold))
    #endif
  }
}

#if canImport(Glibc)
  /// `mallopt(3)` of glibc.
  ///
  /// - Returns: 1, or 0 if the value is not accepted.
  @_silgen_name("mallopt")
  private func setAllocatorOption(_ option: Int32, _ value: Int32) -> Int32
#endif
