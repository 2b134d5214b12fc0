/// The time that the load of an entry took, in a byte: five bits of exponent and three behind the
/// point, so to a sixteenth.
struct LoadCost: Equatable {
  let bits: UInt8

  /// That of entries in a cache for which load times are worth nothing.
  static let none = LoadCost(bits: 0)

  /// The load time with which an entry counts as large as it is, as a power of two of
  /// microseconds: 65 milliseconds.
  private static let standardExponent = 16

  init(bits: UInt8) { self.bits = bits }

  /// The nearest time to a number of microseconds, at least one.
  init(microseconds: Double) {
    // Half of the last place is added, so that the nearest one is taken.
    let whole = UInt64(min(max(microseconds, 1.125), 0xEFFF_FFFF))
    let eighths = whole << 3
    let exponent = UInt64.bitWidth - 4 - eighths.leadingZeroBitCount
    let rounded = eighths + (1 << exponent) >> 1
    let rest = UInt64.bitWidth - 4 - rounded.leadingZeroBitCount
    bits = max(1, UInt8(rest) << 3 | UInt8(rounded >> rest & 7))
  }

  init(_ duration: Duration) {
    self.init(microseconds: duration / .microseconds(1))
  }

  /// The time in microseconds.
  var microseconds: Double { Double((8 + UInt64(bits & 7)) << UInt64(bits >> 3)) / 8 }

  /// What an entry counts as for its place among the octaves: its size, divided by its load time.
  @inline(__always)
  func counted(_ byteCount: Int) -> Int {
    bits == 0 ? byteCount : weighed(byteCount)
  }

  @inline(never)
  private func weighed(_ byteCount: Int) -> Int {
    (byteCount << (Self.standardExponent + 3) / (8 + Int(bits & 7))) >> Int(bits >> 3)
  }
}
