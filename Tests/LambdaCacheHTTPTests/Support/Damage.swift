extension String {
  /// The text with a few bytes changed, added or removed.
  func damaged(using generator: inout SeededGenerator) -> String {
    var bytes = Array(utf8)
    let pieces: [UInt8] = Array("\",=\\ \t;-*/%0a9AWGMT&?#".utf8) + [0, 0x7F, 0xC3, 0xFF]
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let piece = pieces.randomElement(using: &generator)!
      guard let index = bytes.indices.randomElement(using: &generator) else { break }
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: bytes[index] = piece
      case 1: bytes.insert(piece, at: index)
      case 2: bytes.remove(at: index)
      case 3: bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
      default: bytes.removeSubrange(index...)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
