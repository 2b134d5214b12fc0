import Foundation

/// A seeded random number generator (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
/// Generators", 2014): the same seed always gives the same numbers.
///
/// `LAMBDA_CACHE_FUZZ_SEED` sets another seed.
struct FuzzRandom: RandomNumberGenerator {
  let seed: UInt64
  private var state: UInt64

  init() {
    seed =
      ProcessInfo.processInfo.environment["LAMBDA_CACHE_FUZZ_SEED"].flatMap { UInt64($0) } ?? 2_026
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: 0..<elements.count, using: &self)]
  }
}
