/// The bytes of a file, inflated if they are gzip data, in a buffer of fixed size.
///
/// A line that is longer than the buffer is cut, and the rest of it skipped.
final class ByteSource {
  /// The longest line: 1 MiB.
  static let capacity = 1 << 20

  private let file: InputFile
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
  /// Compressed bytes on their way.
  private let packed = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  private var packedStart = 0
  private var packedEnd = 0
  private var start = 0
  private var end = 0
  private var gunzip: Gunzip?
  private var isAtEnd = false
  private var isSkippingLine = false
  /// Why compressed data ended early; `nil` if it did not.
  private(set) var damage: String?
  /// Bytes read from the file.
  private(set) var bytesRead = 0
  /// Lines handed out, those that were too long included.
  private(set) var lineNumber = 0

  /// A line, or the reason why there is none.
  enum Line {
    case bytes(UnsafeRawBufferPointer)
    case tooLong
    case end
  }

  init(path: String) throws(InputError) {
    file = try InputFile(path: path)
    let count = try readPacked()
    if count >= 2, packed[0] == 0x1F, packed[1] == 0x8B { gunzip = Gunzip() }
  }

  deinit {
    buffer.deallocate()
    packed.deallocate()
  }

  var path: String { file.path }
  var size: Int? { file.size }

  /// The name without what gzip adds to it.
  var plainName: String {
    gunzip != nil && path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
  }

  /// Reads so much of the beginning as the buffer holds, without using it up.
  func peek() throws(InputError) -> UnsafeRawBufferPointer {
    while end < ByteSource.capacity / 4, !isAtEnd { try fill() }
    return UnsafeRawBufferPointer(rebasing: buffer[start..<end])
  }

  /// The next line without its end; valid until the next call.
  func nextLine() throws(InputError) -> Line {
    var searched = start
    while true {
      if let newline = buffer[searched..<end].firstIndex(of: UInt8(ascii: "\n")) {
        let line = start..<newline
        start = newline + 1
        lineNumber += 1
        if isSkippingLine {
          isSkippingLine = false
          return .tooLong
        }
        return .bytes(trimmed(line))
      }
      searched = end
      if isAtEnd { return lastLine() }
      if start == 0, end == ByteSource.capacity {
        isSkippingLine = true
        start = end
      }
      let moved = start
      try fill()
      searched -= moved - start
    }
  }

  private func lastLine() -> Line {
    let line = start..<end
    start = end
    guard !line.isEmpty || isSkippingLine else { return .end }
    lineNumber += 1
    if isSkippingLine {
      isSkippingLine = false
      return .tooLong
    }
    return .bytes(trimmed(line))
  }

  private func trimmed(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    var range = range
    if let last = range.last, buffer[last] == UInt8(ascii: "\r") {
      range = range.lowerBound..<last
    }
    return UnsafeRawBufferPointer(rebasing: buffer[range])
  }

  /// The next bytes of a file without lines, a multiple of a number of them; none at the end.
  ///
  /// They are valid until the next call.
  func nextBytes(multipleOf unit: Int) throws(InputError) -> UnsafeRawBufferPointer {
    while end - start < unit, !isAtEnd { try fill() }
    let count = (end - start) / unit * unit
    let part = start..<start + count
    start += count
    return UnsafeRawBufferPointer(rebasing: buffer[part])
  }

  /// Bytes that are left over at the end.
  var leftOver: Int { end - start }

  /// Moves what is left to the front, and reads on behind it.
  private func fill() throws(InputError) {
    if start > 0 {
      if end > start {
        buffer.baseAddress?.copyMemory(
          from: buffer.baseAddress! + start, byteCount: end - start)
      }
      end -= start
      start = 0
    }
    guard end < ByteSource.capacity else { return }
    if packedStart == packedEnd, try readPacked() == 0 {
      isAtEnd = true
      if let gunzip, !gunzip.isComplete, damage == nil { damage = "gzip: it ends too early" }
      return
    }
    let input = UnsafeRawBufferPointer(rebasing: packed[packedStart..<packedEnd])
    let output = UnsafeMutableRawBufferPointer(rebasing: buffer[end...])
    guard let gunzip else {
      let count = min(input.count, output.count)
      output.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<count]))
      end += count
      packedStart += count
      return
    }
    switch gunzip.step(input, into: output) {
    case .output(let count, let used):
      end += count
      packedStart += used
    case .damaged(let reason):
      damage = reason
      isAtEnd = true
    }
  }

  private func readPacked() throws(InputError) -> Int {
    packedStart = 0
    packedEnd = 0
    let count = try file.read(into: packed)
    packedEnd = count
    bytesRead += count
    return count
  }
}
