/// Tells formats by the beginning of a file.
enum FormatDetector {
  /// The format of a file; `nil` for an empty one.
  ///
  /// - Parameter isKeyNamed: Whether fields of a key are named, so that JSON lines contain requests
  ///   although reports are among them.
  /// - Throws: ``InputError/unknownFormat(file:reason:)``.
  static func format(
    of source: ByteSource, isKeyNamed: Bool
  ) throws(InputError) -> LogFormat? {
    if source.plainName.hasSuffix(".u32le") { return .u32le }
    let start = try source.peek()
    if start.isEmpty { return nil }
    if start.contains(0) {
      throw .unknownFormat(file: source.path, reason: "it is binary")
    }
    var lines = 0
    for piece in start.split(separator: UInt8(ascii: "\n"), maxSplits: 20) where lines < 20 {
      let line = Bytes(rebasing: piece).stripped
      if line.isEmpty { continue }
      lines += 1
      if isKeyNamed, line[0] == UInt8(ascii: "{"), !CacheLogParser.isLine(line) { return .json }
      if let format = format(ofLine: line) { return format }
    }
    if start.stripped.first == UInt8(ascii: "[") {
      throw .unknownFormat(
        file: source.path, reason: "it is a JSON array: make lines of it (jq -c '.[]')")
    }
    return try tableFormat(start, file: source.path)
  }

  private static func format(ofLine line: Bytes) -> LogFormat? {
    if CacheLogParser.isLine(line) { return .cache }
    if line.starts(with: "#Version:") || line.starts(with: "#Fields:") { return .cloudfront }
    if line.offset(of: "REPORT RequestId:") != nil || line.offset(of: "\"platform.") != nil
      || line.starts(with: "START RequestId:") || line.starts(with: "INIT_START")
    {
      return .report
    }
    if line[0] == UInt8(ascii: "{") { return .json }
    let kinds: [StaticString] = ["http ", "https ", "h2 ", "grpcs ", "ws ", "wss "]
    if kinds.contains(where: { line.starts(with: $0) }) { return .alb }
    if let bracket = line.offset(of: " ["), line.count > bracket + 22,
      Timestamp.milliseconds(line[part: bracket + 2..<bracket + 22]) != nil
    {
      return .common
    }
    return nil
  }

  private static func tableFormat(_ start: Bytes, file: String) throws(InputError) -> LogFormat {
    let end = start.firstIndex(of: UInt8(ascii: "\n")) ?? start.count
    let header = start[part: 0..<end]
    if header.contains(UInt8(ascii: "\t")) { return .tsv }
    if header.contains(UInt8(ascii: ",")) { return .csv }
    throw .unknownFormat(
      file: file, reason: "its first line is neither an object, nor a header, nor a request")
  }
}
