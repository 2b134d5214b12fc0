/// A table of a label and figures per row, in columns of equal width.
struct TextTable {
  /// The headings of the columns.
  let headings: [String]
  /// The cells of each row below; one for a row that only has a label.
  private(set) var rows: [[String]] = []

  /// Creates a table.
  ///
  /// - Parameter headings: The headings of the columns.
  init(headings: [String]) {
    self.headings = headings
  }

  /// Appends a row.
  mutating func append(_ label: String, _ figures: [String]) {
    rows.append([label] + figures)
  }

  /// Appends a row that only has a label.
  mutating func append(section label: String) {
    rows.append([label])
  }

  /// The table, ending with a newline.
  var text: String {
    let rows = [headings] + rows
    let columnCount = rows.map(\.count).max() ?? 0
    let widths = (0..<columnCount).map { column in
      rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
    }
    var text = ""
    for (index, row) in rows.enumerated() {
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line += column == 0 ? cell + padding : "   " + padding + cell
      }
      while line.last == " " {
        line.removeLast()
      }
      text += line + "\n"
      if index == 0 {
        text += String(repeating: "-", count: widths.reduce(0, +) + 3 * (columnCount - 1)) + "\n"
      }
    }
    return text
  }
}
