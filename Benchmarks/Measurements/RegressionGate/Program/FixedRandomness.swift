import Workload

/// Random numbers in place of the system's: the same ones in every run.
///
/// The secrets of a cache's hashes are among them, and with them how many cells its look-ups probe.
/// So what is counted depends on the code alone.
enum FixedRandomness {
  // The program has one thread.
  nonisolated(unsafe) fileprivate static var generator = SplitMix64(seed: 1)

  /// How many numbers were asked for; it does not rise where the system's own are taken instead.
  nonisolated(unsafe) fileprivate(set) static var numberCount = 0
}

/// Fills a buffer with random bytes, for `SystemRandomNumberGenerator`: where the linker finds a
/// function of this name in a program, it does not look for that of the standard library.
@_cdecl("swift_stdlib_random")
public func fillWithFixedRandomness(_ buffer: UnsafeMutableRawPointer, _ count: Int) {
  let bytes = UnsafeMutableRawBufferPointer(start: buffer, count: count)
  for place in bytes.indices {
    bytes[place] = UInt8(truncatingIfNeeded: FixedRandomness.generator.next())
  }
  FixedRandomness.numberCount += 1
}
