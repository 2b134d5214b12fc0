import TestSupport

extension String {
  /// The text with a few bytes changed, added or removed.
  func damaged(using generator: inout SplitMix64) -> String {
    var bytes = Array(utf8)
    let pieces: [UInt8] = Array("\",=\\ \t;-*/%0a9AWGMT&?#".utf8) + [0, 0x7F, 0xC3, 0xFF]
    for _ in 0..<generator.number(1...3) {
      bytes.damage(inserting: pieces, using: &generator)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
