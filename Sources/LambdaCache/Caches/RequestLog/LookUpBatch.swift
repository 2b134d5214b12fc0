/// Records on their way to the output, in the hands of one thread.
struct LookUpBatch {
  var records: [LookUpRecord]
  /// Whether the line about the environment's memory is still to be written.
  var isFirst: Bool
  /// Look-ups that are lost, and that no line has announced yet.
  var dropped: Int
  /// The rest of a piece that the output took a part of.
  var rest: [UInt8]

  /// Writes the records in pieces of whole lines.
  ///
  /// - Parameters:
  ///   - line: The form of lines.
  ///   - time: The present in milliseconds since 1970.
  ///   - output: Takes bytes, and returns how many it has taken.
  mutating func write(
    as line: RequestLogLine, time: Int64, to output: (UnsafeRawBufferPointer) -> Int
  ) {
    var writer = PieceWriter(rest: rest)
    writer.writeRest(to: output)
    if isFirst {
      line.appendMemory(time: time, to: &writer.piece)
      writer.endLine(of: 0, to: output)
    }
    if dropped > 0 {
      line.append(dropped: dropped, time: time, to: &writer.piece)
      writer.endLine(of: dropped, to: output)
    }
    for record in records {
      line.append(record, to: &writer.piece)
      writer.endLine(of: 1, to: output)
    }
    writer.take(upTo: writer.piece.count, output)
    (dropped, rest) = (writer.lost, writer.rest)
    if writer.hasWritten { isFirst = false }
  }
}

/// Puts lines together to pieces that a pipe takes whole.
private struct PieceWriter: ~Copyable {
  private(set) var rest: [UInt8]
  /// Look-ups whose lines were not taken.
  private(set) var lost = 0
  var piece = LineBuffer()
  /// The end of the last whole line in the piece.
  private var lineStart = 0
  /// Look-ups whose lines are in the piece.
  private var lookUps = 0
  /// Whether the output has taken the first line, or a part of it.
  private(set) var hasWritten = false
  /// Whether the output takes no more; then no line may begin behind one that was cut.
  private var isRefused = false

  init(rest: [UInt8]) {
    self.rest = rest
  }

  mutating func writeRest(to output: (UnsafeRawBufferPointer) -> Int) {
    guard !rest.isEmpty else { return }
    rest.removeFirst(rest.withUnsafeBytes { output($0) })
    isRefused = !rest.isEmpty
  }

  /// Notes that a line is complete, and writes the piece before it if that is full.
  ///
  /// - Parameter count: The look-ups that the line stands for.
  mutating func endLine(of count: Int, to output: (UnsafeRawBufferPointer) -> Int) {
    if piece.count > LogStream.pieceByteCount { take(upTo: lineStart, output) }
    lookUps += count
    if piece.count > LogStream.pieceByteCount { take(upTo: piece.count, output) }
    lineStart = piece.count
  }

  mutating func take(upTo end: Int, _ output: (UnsafeRawBufferPointer) -> Int) {
    guard end > 0 else { return }
    let count = isRefused ? 0 : output(piece.prefix(end))
    if count > 0 { hasWritten = true }
    if count == 0 {
      isRefused = true
      lost += lookUps
    } else if count < end {
      isRefused = true
      rest = Array(piece.prefix(end)[count...])
    }
    piece.removeFirst(end)
    lookUps = 0
  }
}
