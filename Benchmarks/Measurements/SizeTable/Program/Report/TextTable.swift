/// A table for a terminal or a document.
struct TextTable {
  let headings: [String]
  var rows: [[String]] = []

  /// The table with its columns aligned, as Markdown or with spaces only.
  func text(markdown: Bool) -> String {
    let all = [headings] + rows
    let widths = headings.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      let padded = zip(cells, widths).enumerated().map { column, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 0 ? cell.0 + space : space + cell.0
      }
      let joined = padded.joined(separator: markdown ? " | " : "  ")
      return markdown ? "| \(joined) |" : joined
    }
    let rule = widths.enumerated().map { column, width in
      String(repeating: "-", count: max(1, width - 1)) + (column == 0 ? "-" : ":")
    }
    var lines = [line(headings)]
    if markdown { lines.append("| " + rule.joined(separator: " | ") + " |") }
    return (lines + rows.map(line)).joined(separator: "\n")
  }
}
