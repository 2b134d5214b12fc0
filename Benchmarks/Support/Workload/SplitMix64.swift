/// The seeded generator of all programs here: every run draws the same numbers.
///
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014).
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Creates a generator.
  ///
  /// - Parameter seed: Another seed gives other numbers.
  public init(seed: UInt64) {
    state = seed
  }

  /// The next number.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return SplitMix64.mixed(state)
  }

  /// A number from 0 up to, not including, 1.
  public mutating func nextUnit() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A number from 0 up to, not including, a bound.
  ///
  /// By multiplication rather than through the standard library's `random(in:using:)`, whose
  /// consumption of the generator is not a promise: data must not change with a compiler.
  ///
  /// - Parameter bound: A positive number.
  public mutating func nextIndex(below bound: Int) -> Int {
    precondition(bound > 0, "there is no index below \(bound)")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A permutation of all 64-bit numbers: different numbers have different results.
  public static func mixed(_ number: UInt64) -> UInt64 {
    var mixed = number
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
