import LambdaCache

/// SplitMix64: a random number generator whose sequence is its seed's.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  /// The seed of `LAMBDA_CACHE_FUZZ_SEED`, or a fixed one.
  static var environmentSeed: UInt64 {
    ProcessEnvironment.current["LAMBDA_CACHE_FUZZ_SEED"].flatMap { UInt64($0) } ?? 0x5EED_2018_0601
  }

  /// How many samples a fuzz test makes: as many as `LAMBDA_CACHE_FUZZ_ITERATIONS` says, or the
  /// number of a quick selection.
  static func iterations(_ quick: Int) -> Int {
    ProcessEnvironment.current["LAMBDA_CACHE_FUZZ_ITERATIONS"].flatMap { Int($0) } ?? quick
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Bytes chosen out of some.
  mutating func bytes(_ count: ClosedRange<Int>, of choice: [UInt8]) -> [UInt8] {
    let count = Int.random(in: count, using: &self)
    return [UInt8](unsafeUninitializedCapacity: count) { bytes, initializedCount in
      // Not a `for`, which takes a debug build longer than the parsers under test.
      while initializedCount < count {
        bytes[initializedCount] = choice[Int(truncatingIfNeeded: next() % UInt64(choice.count))]
        initializedCount += 1
      }
    }
  }
}
