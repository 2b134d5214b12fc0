/// Faults of the kinds that lines and peers make.
enum Damage {
  /// Changes, removes or inserts a byte, or cuts the rest off.
  static func inflict(on bytes: inout [UInt8], using generator: inout SeededGenerator) {
    guard let index = bytes.indices.randomElement(using: &generator) else { return }
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
    case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 2: bytes.remove(at: index)
    case 3: bytes.insert([13, 10, 32, 58, 48].randomElement(using: &generator)!, at: index)
    default: bytes.removeSubrange(index...)
    }
  }
}
