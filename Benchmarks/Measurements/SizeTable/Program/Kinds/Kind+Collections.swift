import LambdaCache

extension Kind {
  static var collections: [Kind] {
    [
      Kind("[Int], 10", .collections) { Array($0..<($0 + 10)) },
      Kind("[UInt8], 1 to 2,000, appended", .collections) { seed in
        var bytes: [UInt8] = []
        for byte in 0...(seed &* 7919 % 2_000) { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        return bytes
      },
      Kind("[UInt8], 100,000", .collections) {
        [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: 100_000)
      },
      Kind("[UInt8], 1,000,000", .collections) {
        [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: 1_000_000)
      },
      Kind("[String], 5", .collections) { seed in (0..<5).map { Sample.text(16 + $0 * 7, seed) } },
      Kind("[[Int]], 4 × 3", .collections) { seed in (0..<4).map { [seed, $0, 1] } },
      Kind("ContiguousArray<Double>, 20", .collections) { seed in
        ContiguousArray((0..<20).map { Double(seed + $0) })
      },
      Kind("ArraySlice<Int>", .collections) { seed in Array(seed..<(seed + 30))[3..<9] },
      Kind("Set<Int>, 10", .collections) { seed in Set(seed..<(seed + 10)) },
      Kind("Set<String>, 5", .collections) { seed in
        Set((0..<5).map { Sample.text(24, seed &* 31 &+ $0) })
      },
      Kind("[String: Int], 8", .collections) { seed in
        Dictionary(uniqueKeysWithValues: (0..<8).map { (Sample.text(20, seed &* 31 &+ $0), $0) })
      },
      Kind("[Int: [String]], 1 to 20", .collections) { seed in
        Dictionary(
          uniqueKeysWithValues: (0...(seed % 20)).map { ($0, [Sample.text(30, seed), "x"]) })
      },
      Kind("InlineArray<4, String>", .collections) { seed in
        InlineArray<4, String> { Sample.text(20 + $0, seed) }
      },
      Kind("Range<String>", .collections) { "a"..<("b" + Sample.text(30, $0)) },
    ]
  }
}
