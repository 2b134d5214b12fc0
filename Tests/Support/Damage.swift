extension [UInt8] {
  /// Changes, flips a bit of, removes or inserts a byte, or cuts the rest off: faults of the kinds
  /// that lines and peers make.
  ///
  /// - Parameters:
  ///   - pieces: The bytes that are inserted, those that mean something to the reader.
  ///   - random: Chooses the fault and its place.
  package mutating func damage(inserting pieces: [UInt8], using random: inout SplitMix64) {
    guard let index = indices.randomElement(using: &random) else { return }
    switch random.number(0...5) {
    case 0: self[index] = UInt8.random(in: .min ... .max, using: &random)
    case 1: self[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: self[index] = random.pick(pieces)
    case 3: remove(at: index)
    case 4: insert(random.pick(pieces), at: index)
    default: removeSubrange(index...)
    }
  }
}
