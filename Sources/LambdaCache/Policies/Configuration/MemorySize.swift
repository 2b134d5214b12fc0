/// An amount of memory as an operator states it.
public enum MemorySize: Hashable, Sendable {
  /// As much as the memory budget sees fit.
  case automatic

  /// A number of bytes; not negative.
  case bytes(Int)

  /// A part of the function's memory in percent, from 0 to 100.
  case percent(Double)
}

extension MemorySize: CustomStringConvertible {
  /// The size in the form that the environment variables accept, such as `48 MiB` or `40%`.
  public var description: String {
    switch self {
    case .automatic: "auto"
    case .bytes(let byteCount): ByteCountFormat.short(byteCount)
    case .percent(let percent): PercentFormat.text(percent)
    }
  }
}

/// Byte counts as people read them, in binary units.
enum ByteCountFormat {
  /// The largest unit that fits with at most one decimal, cut off and not rounded: `78.6 MiB`.
  static func short(_ byteCount: Int) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    let magnitude = byteCount.magnitude
    let exponent = magnitude < 1024 ? 0 : (UInt.bitWidth - 1 - magnitude.leadingZeroBitCount) / 10
    let whole = magnitude >> (10 * UInt(exponent))
    let rest = magnitude - (whole << (10 * UInt(exponent)))
    let tenth = exponent == 0 ? 0 : ((rest >> (10 * UInt(exponent - 1))) * 10) >> 10
    return (byteCount < 0 ? "-" : "") + "\(whole)" + (tenth == 0 ? "" : ".\(tenth)")
      + " " + units[exponent]
  }
}

/// Percentages as people read them.
enum PercentFormat {
  /// Without a fraction where there is none: `40%`, `12.5%`; nine digits behind the point at most.
  static func text(_ percent: Double) -> String {
    let percent = (percent * 1e9).rounded() / 1e9
    guard let whole = Int(exactly: percent) else { return "\(percent)%" }
    return "\(whole)%"
  }
}
