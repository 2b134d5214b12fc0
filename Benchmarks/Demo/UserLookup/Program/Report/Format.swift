/// Numbers as a report shows them.
enum Format {
  /// A count with its thousands apart: `1,234,567`.
  static func count(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var grouped = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) {
        grouped.append(",")
      }
      grouped.append(digit)
    }
    return (number < 0 ? "-" : "") + grouped
  }

  /// A number rounded to so many digits after the point.
  static func decimal(_ number: Double, digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits {
      scale *= 10
    }
    let rounded = Int((number.magnitude * scale).rounded())
    let fraction = String(rounded % Int(scale))
    let zeros = String(repeating: "0", count: digits - (digits == 0 ? 0 : fraction.count))
    let sign = number < 0 && rounded > 0 ? "-" : ""
    let whole = sign + count(rounded / Int(scale))
    return digits == 0 ? whole : "\(whole).\(zeros)\(fraction)"
  }

  /// A duration in the unit that suits its size: `340 ns`, `12.3 µs`, `4.56 ms`, `7.89 s`.
  static func duration(nanoseconds: Int) -> String {
    switch nanoseconds {
    case ..<1000: "\(nanoseconds) ns"
    case ..<1_000_000: "\(decimal(Double(nanoseconds) / 1e3, digits: 1)) µs"
    case ..<1_000_000_000: "\(decimal(Double(nanoseconds) / 1e6, digits: 2)) ms"
    default: "\(decimal(Double(nanoseconds) / 1e9, digits: 2)) s"
    }
  }

  /// A number of bytes in units of 1,048,576.
  static func mebibytes(_ byteCount: Int) -> String {
    "\(decimal(Double(byteCount) / 1_048_576, digits: 1)) MiB"
  }

  /// A share of a whole as a percentage, or a dash when there is no whole.
  static func percent(_ part: Int, of whole: Int) -> String {
    whole == 0 ? "–" : "\(decimal(Double(part) * 100 / Double(whole), digits: 1)) %"
  }

  /// An amount of money in so many digits after the point.
  static func dollars(_ amount: Double, digits: Int = 4) -> String {
    let sign = amount < 0 ? "-" : ""
    return "\(sign)$\(decimal(amount.magnitude, digits: digits))"
  }

  /// A price with as many digits as it has: `$0.0000166667`.
  static func price(_ amount: Double) -> String { "$\(shortest(amount))" }

  /// A number with as many digits as it has, at most ten after the point.
  static func shortest(_ number: Double) -> String {
    // The standard description of a small number is in powers of ten.
    var text = decimal(number, digits: 10)
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }
}
