/// A text made of parts; other parts make other texts.
///
/// Each part is preceded by its length, so that no part can look like two, and equal texts have
/// equal bytes.
struct KeyText {
  private(set) var text: String

  init(_ text: String = "") { self.text = text }

  /// Appends a part; `nil` is another part than an empty text.
  mutating func append(_ part: String?) {
    text += "\n"
    guard let part = part.map(PercentEncoding.distinct) else { return }
    text += String(part.utf8.count)
    text += ":"
    text += part
  }

  /// Appends several parts, and how many they are.
  mutating func append(list parts: [String]) {
    text += "\n"
    text += String(parts.count)
    for part in parts { append(part) }
  }

  /// Appends names and values.
  mutating func append(_ values: [String: String]?) {
    let sorted = (values ?? [:]).sorted { $0.key < $1.key }
    append(list: sorted.flatMap { [$0.key, $0.value] })
  }
}
