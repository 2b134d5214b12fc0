/// A small seeded generator, so that the database and every request stream are the same each time.
///
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014).
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 up to, not including, 1.
  mutating func nextUnit() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A number from 0 up to, not including, `bound`.
  ///
  /// By multiplication rather than through the standard library's `random(in:using:)`, whose
  /// consumption of the generator is not a promise: the database must not change with a compiler.
  mutating func nextIndex(below bound: Int) -> Int {
    precondition(bound > 0, "SplitMix64.nextIndex(below:) needs a positive bound, not \(bound)")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }
}
