/// Reads logs of any of the formats into one.
package enum LogReader {
  /// Reads files.
  ///
  /// - Parameters:
  ///   - paths: The files; `-` is the standard input.
  ///   - options: How they are read.
  ///   - progress: Called after each part of a file.
  /// - Throws: ``InputError``; also if no request was found.
  package static func read(
    _ paths: [String], options: InputOptions,
    progress: (ReadingProgress) -> Void = { _ in }
  ) throws(InputError) -> LogIntake {
    var builder = LogBuilder(options)
    for path in paths {
      let source = try ByteSource(path: path)
      let detected =
        options.format == nil
        ? try FormatDetector.format(of: source, isKeyNamed: !options.keyFields.isEmpty)
        : options.format
      if let format = detected {
        try read(source, as: format, options, &builder, progress)
      }
    }
    guard !builder.log.isEmpty || builder.reports.count > 0 else {
      throw .noRequests(files: paths)
    }
    return builder.finish()
  }

  private static func read(
    _ source: ByteSource, as format: LogFormat, _ options: InputOptions,
    _ builder: inout LogBuilder, _ progress: (ReadingProgress) -> Void
  ) throws(InputError) {
    if format == .u32le {
      try RecordedStream.read(source, options, &builder, progress)
    } else {
      try readLines(source, as: format, options, &builder, progress)
    }
    if let damage = source.damage {
      try builder.noteDamage(damage, file: source.path, line: source.lineNumber + 1)
    }
    progress(
      ReadingProgress(file: source.path, bytesRead: source.bytesRead, size: source.size))
  }

  private static func readLines(
    _ source: ByteSource, as format: LogFormat, _ options: InputOptions,
    _ builder: inout LogBuilder, _ progress: (ReadingProgress) -> Void
  ) throws(InputError) {
    guard var parser = try parser(of: format, options, source) else { return }
    var request = RawRequest()
    let file = source.path
    while true {
      let line: Bytes
      switch try source.nextLine() {
      case .end: return
      case .tooLong:
        try builder.reject("it is longer than 1 MiB", file: file, line: source.lineNumber)
        continue
      case .bytes(let bytes): line = bytes
      }
      if source.lineNumber % 65_536 == 0 {
        progress(ReadingProgress(file: file, bytesRead: source.bytesRead, size: source.size))
      }
      switch parser.parse(line, into: &request) {
      case .request: try builder.append(request, file: file, line: source.lineNumber)
      case .skipped: continue
      case .foreign: try readForeign(line, &builder, file: file, number: source.lineNumber)
      case .malformed(let reason):
        if ReportLine.add(line, to: &builder.reports) == true { continue }
        try builder.reject(reason, file: file, line: source.lineNumber)
      }
    }
  }

  /// Reads a line between those of the library's log: a report, or something of the function's own.
  private static func readForeign(
    _ line: Bytes, _ builder: inout LogBuilder, file: String, number: Int
  ) throws(InputError) {
    switch ReportLine.add(line, to: &builder.reports) {
    case true?: break
    case false?: builder.noteForeignLine()
    case nil:
      try builder.reject(
        "it begins as a REPORT line and lacks a field", file: file, line: number)
    }
  }

  /// The parser of a format, after the header was read; `nil` for a file without one line.
  private static func parser(
    of format: LogFormat, _ options: InputOptions, _ source: ByteSource
  ) throws(InputError) -> (any LineParser)? {
    switch format {
    case .cache, .report: return CacheLogParser(cacheName: options.cacheName)
    case .json: return try jsonParser(options, source)
    case .common: return SpacedParser.common
    case .alb: return SpacedParser.loadBalancer
    case .csv, .tsv:
      guard let header = try headerLine(source) else { return nil }
      let separator = UInt8(ascii: format == .csv ? "," : "\t")
      guard let columns = DelimitedParser.names(header, separator: separator, hasQuotes: true)
      else {
        throw .unknownFormat(
          file: source.path, reason: "a quotation mark of its header is not closed")
      }
      return DelimitedParser(
        header: columns, separator: separator,
        roles: try FieldRoles(columns: columns, options: options, file: source.path),
        hasQuotes: true)
    case .cloudfront:
      guard let columns = try cloudFrontColumns(source) else { return nil }
      return DelimitedParser(
        header: columns, separator: UInt8(ascii: "\t"),
        roles: try FieldRoles(cloudFront: columns, options: options, file: source.path),
        hasQuotes: false)
    case .u32le: return nil
    }
  }

  /// A parser for the fields that were named, or that the first object has of those usual.
  private static func jsonParser(
    _ options: InputOptions, _ source: ByteSource
  ) throws(InputError) -> JSONLineParser {
    var options = options
    let start = try source.peek()
    let end = start.firstIndex(of: UInt8(ascii: "\n")) ?? start.count
    let line = start[part: 0..<end].stripped
    func firstUsual(_ names: [String]) -> String? {
      var scanner = JSONScanner(paths: names.map { [$0] })
      guard scanner.scan(line) else { return nil }
      return names.indices.first { scanner.value($0, in: line) != nil }.map { names[$0] }
    }
    if options.keyFields.isEmpty {
      guard let key = firstUsual(FieldRoles.usualKeys) else {
        throw .missingField(
          file: source.path, name: "that looks like a key (--key)", available: [])
      }
      options.keyFields = [key]
    }
    options.timeField = options.timeField ?? firstUsual(FieldRoles.usualTimes)
    options.sizeField = options.sizeField ?? firstUsual(FieldRoles.usualSizes)
    options.loadField = options.loadField ?? firstUsual(FieldRoles.usualLoads)
    return JSONLineParser(options)
  }

  private static func headerLine(_ source: ByteSource) throws(InputError) -> Bytes? {
    while case .bytes(let line) = try source.nextLine() {
      let stripped = line.starts(with: "\u{FEFF}") ? line[part: 3..<line.count] : line
      if !stripped.stripped.isEmpty { return stripped }
    }
    return nil
  }

  /// The names behind `#Fields:`, which stand between spaces.
  private static func cloudFrontColumns(
    _ source: ByteSource
  ) throws(InputError) -> [String]? {
    while case .bytes(let line) = try source.nextLine() {
      if line.starts(with: "#Fields:") {
        return line.text.dropFirst(8).split { $0 == " " || $0 == "\t" }.map(String.init)
      }
      guard line.isEmpty || line[0] == UInt8(ascii: "#") else { break }
    }
    if source.lineNumber == 0 { return nil }
    throw .unknownFormat(file: source.path, reason: "a line #Fields: has to come first")
  }
}
