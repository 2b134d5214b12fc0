internal import LambdaCacheText

/// Writing of header and trailer lines.
enum HTTPFieldLine {
  /// Appends one field as a line; a byte that may not stand in a field's value becomes `?`.
  static func append(_ name: String, _ value: String, to output: inout [UInt8]) {
    output.append(contentsOf: name.utf8)
    output.append(contentsOf: ": ".utf8)
    output.append(
      contentsOf: value.utf8.lazy.map { byte in
        ASCII.isVisible(byte) || byte == ASCII.space ? byte : UInt8(ascii: "?")
      })
    output.append(contentsOf: "\r\n".utf8)
  }
}
