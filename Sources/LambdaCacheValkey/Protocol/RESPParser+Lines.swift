internal import LambdaCacheText

extension RESPParser {
  /// Moves input into `line` up to the next line feed, which ends it with the carriage return
  /// before it.
  ///
  /// - Returns: `true` when the line is complete, `false` when more input is needed.
  mutating func collectLine(
    from input: UnsafeRawBufferPointer, _ offset: inout Int
  ) throws(RESPSyntaxError) -> Bool {
    let rest = UnsafeRawBufferPointer(rebasing: input[offset...])
    let end = rest.firstIndex(of: ASCII.lineFeed)
    let count = end.map { $0 + 1 } ?? rest.count
    guard line.count + count <= limits.lineByteCount else {
      throw .lineTooLong(limit: limits.lineByteCount)
    }
    try charge(count)
    line.append(contentsOf: UnsafeRawBufferPointer(rebasing: rest[..<(end ?? count)]))
    offset += count
    guard end != nil else { return false }
    guard line.last == ASCII.carriageReturn else { throw malformed }
    line.removeLast()
    return true
  }

  /// Acts on the line that is complete.
  ///
  /// - Returns: The value, if the line is all of it.
  mutating func endLine() throws(RESPSyntaxError) -> RESPValue? {
    guard let type = line.first else { throw malformed }
    try countValue()
    let rest = line[1...]
    switch type {
    case UInt8(ascii: "+"): return .status(Array(rest))
    case UInt8(ascii: "-"): return .error(Array(rest))
    case UInt8(ascii: ":"): return .integer(try integer(rest))
    case UInt8(ascii: ","), UInt8(ascii: "("): return .number(Array(rest))
    case UInt8(ascii: "_"):
      guard rest.isEmpty else { throw malformed }
      return .null
    case UInt8(ascii: "#"): return .boolean(try boolean(rest))
    case UInt8(ascii: "$"): return try beginText(.bytes, rest)
    case UInt8(ascii: "="): return try beginText(.verbatim, rest)
    case UInt8(ascii: "!"): return try beginText(.error, rest)
    case UInt8(ascii: "*"), UInt8(ascii: "~"): return try begin(.array, rest)
    case UInt8(ascii: "%"): return try begin(.map, rest)
    case UInt8(ascii: ">"): return try begin(.push, rest)
    case UInt8(ascii: "|"): return try begin(.attribute, rest)
    default: throw .unknownType(type)
    }
  }

  private var malformed: RESPSyntaxError { .malformedLine(RESPSyntaxError.excerpt(of: line)) }

  private mutating func countValue() throws(RESPSyntaxError) {
    valueCount += 1
    guard valueCount <= limits.valueCount else { throw .tooManyValues(limit: limits.valueCount) }
  }

  private func integer(_ digits: ArraySlice<UInt8>) throws(RESPSyntaxError) -> Int {
    let isSigned = digits.first == ASCII.dash || digits.first == UInt8(ascii: "+")
    guard let size = ASCII.decimal(isSigned ? digits.dropFirst() : digits) else { throw malformed }
    return digits.first == ASCII.dash ? -size : size
  }

  private func boolean(_ letters: ArraySlice<UInt8>) throws(RESPSyntaxError) -> Bool {
    guard letters.count == 1 else { throw malformed }
    switch letters.first {
    case UInt8(ascii: "t"): return true
    case UInt8(ascii: "f"): return false
    default: throw malformed
    }
  }

  /// The length in a line; `nil` for -1, which version 2 writes for a value that is missing.
  private func length(_ digits: ArraySlice<UInt8>) throws(RESPSyntaxError) -> Int? {
    if digits.elementsEqual("-1".utf8) { return nil }
    guard let length = ASCII.decimal(digits) else { throw malformed }
    return length
  }

  private mutating func beginText(
    _ kind: TextKind, _ digits: ArraySlice<UInt8>
  ) throws(RESPSyntaxError) -> RESPValue? {
    guard let length = try length(digits) else { return .null }
    guard length <= limits.textByteCount else { throw .textTooLong(limit: limits.textByteCount) }
    guard kind != .verbatim || length >= 4 else { throw malformed }
    // What is announced need not come: a longer text grows as it arrives.
    text.reserveCapacity(min(length, 1 << 20))
    state = length == 0 ? .lineEnd(kind, remaining: 2) : .text(kind, remaining: length)
    return nil
  }

  private mutating func begin(
    _ kind: Aggregate.Kind, _ digits: ArraySlice<UInt8>
  ) throws(RESPSyntaxError) -> RESPValue? {
    guard let length = try length(digits) else { return .null }
    guard length <= limits.valueCount else { throw .tooManyValues(limit: limits.valueCount) }
    let count = kind == .map || kind == .attribute ? length * 2 : length
    if count == 0 {
      switch kind {
      case .array: return .array([])
      case .map: return .map([])
      case .push: return .push([])
      case .attribute: return nil
      }
    }
    guard open.count < limits.depth else { throw .tooDeep(limit: limits.depth) }
    open.append(Aggregate(kind: kind, remaining: count))
    open[open.count - 1].elements.reserveCapacity(min(count, 1024))
    return nil
  }
}
