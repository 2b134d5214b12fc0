/// A seeded random number generator (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
/// Generators", 2014): the same seed always gives the same numbers.
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) {
    state = seed
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// `true` once in `count` times on average.
  package mutating func oneIn(_ count: Int) -> Bool {
    Int.random(in: 0..<count, using: &self) == 0
  }

  /// One of some values, which are not empty.
  package mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: 0..<elements.count, using: &self)]
  }

  /// A number of a range, each equally often.
  package mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  /// Bytes that are chosen among some.
  package mutating func bytes(_ count: ClosedRange<Int>, of choice: [UInt8]) -> [UInt8] {
    let count = Int.random(in: count, using: &self)
    return [UInt8](unsafeUninitializedCapacity: count) { bytes, initializedCount in
      // A `for` would take a debug build longer than the parsers under test.
      while initializedCount < count {
        bytes[initializedCount] = choice[Int(truncatingIfNeeded: next() % UInt64(choice.count))]
        initializedCount += 1
      }
    }
  }
}
