/// Lines of values behind a separator: CSV and TSV with a header, and CloudFront's standard logs,
/// whose header is a comment.
struct DelimitedParser: LineParser {
  private let separator: UInt8
  private let hasQuotes: Bool
  private let roles: FieldRoles
  private let fieldCount: Int
  private var fields: [Range<Int>] = []

  /// - Parameters:
  ///   - header: The names of the fields.
  ///   - separator: What stands between values.
  init(
    header: [String], separator: UInt8, roles: FieldRoles, hasQuotes: Bool
  ) {
    self.separator = separator
    self.roles = roles
    self.hasQuotes = hasQuotes
    fieldCount = header.count
  }

  mutating func parse(_ line: Bytes, into request: inout RawRequest) -> LineOutcome {
    if line.isEmpty || (!hasQuotes && line[0] == UInt8(ascii: "#")) { return .skipped }
    guard DelimitedParser.split(line, separator, hasQuotes, into: &fields) else {
      return .malformed("a quotation mark is not closed")
    }
    guard fields.count == fieldCount else {
      return .malformed("it has not as many fields as the header")
    }
    let fields = fields
    return roles.fill(&request) { line[part: fields[$0]] }
  }

  /// The places of the values of a line, quotation marks excluded.
  ///
  /// A quotation mark within a quoted value is doubled and stays so: keys need only differ.
  static func split(
    _ line: Bytes, _ separator: UInt8, _ hasQuotes: Bool, into fields: inout [Range<Int>]
  ) -> Bool {
    fields.removeAll(keepingCapacity: true)
    var position = 0
    while true {
      var range: Range<Int>
      if hasQuotes, position < line.count, line[position] == UInt8(ascii: "\"") {
        let start = position + 1
        position = start
        while true {
          guard position < line.count else { return false }
          if line[position] != UInt8(ascii: "\"") {
            position += 1
          } else if position + 1 < line.count, line[position + 1] == UInt8(ascii: "\"") {
            position += 2
          } else {
            break
          }
        }
        range = start..<position
        position += 1
        while position < line.count, line[position] != separator { position += 1 }
      } else {
        let start = position
        while position < line.count, line[position] != separator { position += 1 }
        range = start..<position
      }
      fields.append(range)
      guard position < line.count else { return true }
      position += 1
    }
  }

  /// The names of a header line.
  static func names(_ line: Bytes, separator: UInt8, hasQuotes: Bool) -> [String]? {
    var fields: [Range<Int>] = []
    guard split(line, separator, hasQuotes, into: &fields) else { return nil }
    return fields.map { line[part: $0].stripped.text }
  }
}

extension FieldRoles {
  /// The roles of the columns of a table.
  ///
  /// - Throws: ``InputError/missingField(file:name:available:)`` if a field that was named is not
  ///   there, or none looks like a key.
  init(columns: [String], options: InputOptions, file: String) throws(InputError) {
    func find(_ name: String) throws(InputError) -> Int {
      guard let index = columns.firstIndex(of: name) else {
        throw .missingField(file: file, name: name, available: columns)
      }
      return index
    }
    func usual(_ names: [String]) -> Int? {
      names.lazy.compactMap { columns.firstIndex(of: $0) }.first
    }
    func named(_ name: String?, or names: [String]) throws(InputError) -> Int? {
      guard let name else { return usual(names) }
      return try find(name)
    }
    for name in options.keyFields { keys.append(try find(name)) }
    if keys.isEmpty, let stem = columns.firstIndex(of: "cs_uri_stem"),
      let query = columns.firstIndex(of: "cs_uri_query")
    {
      keys = [stem, query]
    }
    if keys.isEmpty {
      guard let key = usual(FieldRoles.usualKeys) else {
        throw .missingField(file: file, name: "that looks like a key (--key)", available: columns)
      }
      keys = [key]
    }
    time = try named(options.timeField, or: FieldRoles.usualTimes)
    if options.timeField == nil, let date = columns.firstIndex(of: "date"), let time,
      columns[time] == "time"
    {
      // Athena's table of CloudFront's logs has both.
      clock = time
      self.time = date
    }
    size = try named(options.sizeField, or: FieldRoles.usualSizes)
    load = try named(options.loadField, or: FieldRoles.usualLoads)
  }

  /// The roles of the fields of CloudFront's standard logs, by the names in *Standard logging
  /// reference* of the CloudFront developer guide: `date` and `time` (UTC), `sc-bytes`,
  /// `cs-uri-stem`, `cs-uri-query`, `time-taken` in seconds.
  ///
  /// - Throws: ``InputError/missingField(file:name:available:)``.
  init(cloudFront columns: [String], options: InputOptions, file: String) throws(InputError) {
    func find(_ name: String) throws(InputError) -> Int {
      guard let index = columns.firstIndex(of: name) else {
        throw .missingField(file: file, name: name, available: columns)
      }
      return index
    }
    let keyFields =
      options.keyFields.isEmpty ? ["cs-uri-stem", "cs-uri-query"] : options.keyFields
    for name in keyFields { keys.append(try find(name)) }
    time = try find(options.timeField ?? "date")
    if options.timeField == nil { clock = try find("time") }
    size = try find(options.sizeField ?? "sc-bytes")
    durationSeconds = columns.firstIndex(of: "time-taken")
    if let name = options.loadField { load = try find(name) }
  }
}
