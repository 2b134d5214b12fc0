/// Numbers as people read them.
package enum Format {
  /// A number with so many digits behind the point.
  package static func fixed(_ number: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    guard abs(number) * scale < 1e18 else { return "\(number)" }
    let scaled = Int64((abs(number) * scale).rounded())
    let sign = number < 0 && scaled != 0 ? "-" : ""
    let whole = scaled / Int64(scale)
    guard digits > 0 else { return sign + grouped(whole) }
    let fraction = String(scaled % Int64(scale))
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return sign + grouped(whole) + "." + zeros + fraction
  }

  /// A whole number with a comma before each three digits.
  package static func grouped(_ number: Int64) -> String {
    var text = String(number.magnitude)
    var place = text.count - 3
    while place > 0 {
      text.insert(",", at: text.index(text.startIndex, offsetBy: place))
      place -= 3
    }
    return number < 0 ? "-" + text : text
  }

  package static func count(_ number: Int) -> String { grouped(Int64(number)) }

  /// A part of 1 in percent.
  package static func percent(_ ratio: Double, digits: Int = 1) -> String {
    fixed(ratio * 100, digits) + "\u{A0}%"
  }

  /// Both ends, or one if they read the same.
  package static func span(_ span: Span, _ text: (Double) -> String) -> String {
    let (low, high) = (text(span.low), text(span.high))
    return low == high ? low : "\(low) to \(high)"
  }

  package static func dollars(_ amount: Double) -> String {
    let digits =
      switch abs(amount) {
      case 1000...: 0
      case 0.995...: 2
      default: 3
      }
    return (amount < 0 ? "-$" : "$") + fixed(abs(amount), digits)
  }

  /// A price of at most a million dollars, with all its digits up to the tenth behind the point.
  package static func price(_ amount: Double) -> String {
    var text = fixed(amount, 10)
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return "$" + text
  }

  /// Bytes in the largest unit that leaves a whole number or more.
  package static func bytes(_ count: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    var amount = Double(count)
    var unit = 0
    while amount >= 1024, unit < units.count - 1 {
      amount /= 1024
      unit += 1
    }
    return fixed(amount, unit == 0 || amount >= 100 ? 0 : 1) + " " + units[unit]
  }

  /// A time as the library's variables take it: `90s`, `15m`, `4h`, `none`.
  package static func lifetime(_ milliseconds: Int64?) -> String {
    guard let milliseconds else { return "none" }
    switch milliseconds {
    case let time where time % 86_400_000 == 0: return "\(time / 86_400_000)d"
    case let time where time % 3_600_000 == 0: return "\(time / 3_600_000)h"
    case let time where time % 60_000 == 0: return "\(time / 60_000)m"
    case let time where time % 1000 == 0: return "\(time / 1000)s"
    default: return "\(milliseconds)ms"
    }
  }

  /// A duration in words.
  package static func duration(milliseconds: Double) -> String {
    switch milliseconds {
    case 172_800_000...: fixed(milliseconds / 86_400_000, 1) + " days"
    case 7_200_000...: fixed(milliseconds / 3_600_000, 1) + " hours"
    case 120_000...: fixed(milliseconds / 60_000, 1) + " minutes"
    case 1000...: fixed(milliseconds / 1000, 1) + " s"
    default: fixed(milliseconds, 1) + " ms"
    }
  }
}

/// A table for a terminal: the first column to the left, the others to the right.
package struct TextTable {
  private var rows: [[String]]

  package init(_ header: [String]) {
    rows = [header]
  }

  package mutating func add(_ row: [String]) {
    rows.append(row)
  }

  package var text: String {
    let columns = rows[0].count
    let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
    var lines = rows.map { row in
      zip(row, widths).enumerated().map { column, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        // Bars grow to the right.
        let isLeft = column == 0 || cell.0.contains("█") || cell.0.contains("·")
        return isLeft ? cell.0 + space : space + cell.0
      }.joined(separator: "  ")
    }
    lines.insert(
      widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "), at: 1)
    return lines.map { line in
      var line = line[...]
      while line.last == " " { line.removeLast() }
      return String(line)
    }.joined(separator: "\n") + "\n"
  }
}

/// Plots of one line.
package enum TextPlot {
  /// A bar of eighths of a character.
  ///
  /// - Parameter part: From 0 to 1.
  package static func bar(_ part: Double, width: Int) -> String {
    let part = part.isFinite ? min(max(part, 0), 1) : 0
    let eighths = Int((part * Double(width * 8)).rounded())
    let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
    let bar = String(repeating: "█", count: eighths / 8) + partial
    return bar.isEmpty ? "·" : bar
  }

  /// A shade of four.
  package static func shade(_ part: Double) -> String {
    let part = part.isFinite ? min(max(part, 0), 1) : 0
    return ["░", "▒", "▓", "█"][min(Int(part * 4), 3)]
  }
}
