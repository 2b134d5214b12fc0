/// Writing of bodies whose length is not known beforehand (RFC 9112, section 7.1).
enum ChunkedCoding {
  /// The most that goes into one chunk, in bytes.
  ///
  /// A longer text is cut, so that its framed copy, the only one there is, stays small.
  static let chunkByteCount = 65_536

  /// Appends one chunk; nothing for no bytes, for an empty chunk would end the body.
  static func append(_ piece: ArraySlice<UInt8>, to output: inout [UInt8]) {
    guard !piece.isEmpty else { return }
    output.append(contentsOf: String(piece.count, radix: 16).utf8)
    output.append(contentsOf: "\r\n".utf8)
    output.append(contentsOf: piece)
    output.append(contentsOf: "\r\n".utf8)
  }

  /// The last chunk and the trailer section.
  static func end(trailers: [(name: String, value: String)]) -> [UInt8] {
    var output = Array("0\r\n".utf8)
    for trailer in trailers { HTTPFieldLine.append(trailer.name, trailer.value, to: &output) }
    output.append(contentsOf: "\r\n".utf8)
    return output
  }

  /// The pieces of which each becomes a chunk.
  static func pieces(of bytes: [UInt8]) -> some Sequence<ArraySlice<UInt8>> {
    stride(from: 0, to: bytes.count, by: chunkByteCount).lazy.map { start in
      bytes[start..<min(start + chunkByteCount, bytes.count)]
    }
  }
}
