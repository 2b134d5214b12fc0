import ArgumentParser

/// A duration on the command line: a number and a unit, `2ms`.
struct Latency: ExpressibleByArgument, Equatable {
  /// The duration, in nanoseconds.
  let nanoseconds: Int

  /// The forms of a duration on the command line.
  static let accepted = "a number from 0 with ns, us, ms or s, at most 60s, such as 2ms"

  init(nanoseconds: Int) {
    self.nanoseconds = nanoseconds
  }

  init?(argument: String) {
    let unit = argument.reversed().prefix { $0.isLetter || $0 == "µ" }
    let scale: Double
    switch String(unit.reversed()) {
    case "ns": scale = 1
    case "us", "µs": scale = 1e3
    case "ms": scale = 1e6
    case "s": scale = 1e9
    case "" where argument == "0": scale = 1
    default: return nil
    }
    guard let number = Double(argument.dropLast(unit.count)), number >= 0, number * scale <= 60e9
    else { return nil }
    nanoseconds = Int((number * scale).rounded())
  }

  var defaultValueDescription: String { Format.duration(nanoseconds: nanoseconds) }
}
