/// The table as text: aligned columns for a terminal, or Markdown.
struct Report {
  enum Style {
    case plain
    case markdown
  }

  struct Section {
    let title: String
    let findings: [Finding]
  }

  let style: Style

  private static let headings = [
    "operation", "entries", "measured", "against", "result", "rounds", "goal", "",
  ]

  func text(of section: Section) -> String {
    let rows = section.findings.map(cells)
    switch style {
    case .plain: return section.title + "\n" + aligned([Report.headings] + rows)
    case .markdown: return "**" + section.title + "**\n\n" + markdown(rows)
    }
  }

  /// How many goals were met, and which were missed.
  static func summary(of findings: [Finding]) -> String {
    let judged = findings.filter { $0.verdict != .none }
    let missed = judged.filter { $0.verdict == .missed }
    let head = "\(judged.count - missed.count) of \(judged.count) goals met"
    guard !missed.isEmpty else { return head + "." }
    let list = missed.map {
      "  missed: \($0.operation), \($0.size) entries: \($0.unit.text($0.result))"
        + ($0.against.isEmpty ? "" : " against \($0.against)")
    }
    return ([head + "; missed:"] + list).joined(separator: "\n")
  }

  private func cells(_ finding: Finding) -> [String] {
    let goal =
      switch finding.goal {
      case .atMost(let limit): "≤ " + finding.unit.text(limit)
      case .atLeast(let limit): "≥ " + finding.unit.text(limit)
      case nil: ""
      }
    let spread = finding.spread.map {
      Format.number($0.lowerBound, digits: 2) + "–" + Format.number($0.upperBound, digits: 2)
    }
    return [
      finding.operation, finding.size, finding.measured, finding.against,
      finding.unit.text(finding.result), spread ?? "", goal,
      finding.verdict == .missed ? "MISSED" : finding.verdict.rawValue,
    ]
  }

  private func aligned(_ rows: [[String]]) -> String {
    let widths = Report.headings.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var lines = rows.map { row in
      row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0 ? row[column] + padding : padding + row[column]
      }.joined(separator: "  ")
    }
    lines.insert(
      String(repeating: "-", count: widths.reduce(0, +) + 2 * (widths.count - 1)), at: 1)
    return lines.joined(separator: "\n") + "\n"
  }

  private func markdown(_ rows: [[String]]) -> String {
    // A number stays on one line with its sign and its unit: U+00A0.
    func line(_ cells: [String]) -> String {
      let text = "| " + cells.joined(separator: " | ") + " |"
      return text.replacing(/(?<sign>[≤≥]|\+) (?=[0-9+])/) { "\($0.sign)\u{A0}" }
        .replacing(/(?<digit>[0-9]) (?=(ns|ms|B|×|M\/s) )/) { "\($0.digit)\u{A0}" }
    }
    let rule = "|" + Report.headings.indices.map { $0 == 0 ? "---|" : "---:|" }.joined()
    return ([line(Report.headings), rule] + rows.map(line)).joined(separator: "\n") + "\n"
  }
}
