import ZLib

/// Inflates gzip data that comes in pieces; several members behind each other are one text.
final class Gunzip {
  private let stream: UnsafeMutablePointer<z_stream>
  private var isAtMemberStart = true

  /// Outcomes of a step.
  enum Step {
    /// Some output, and input that is left over.
    case output(count: Int, inputUsed: Int)
    case damaged(String)
  }

  init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 16 asks for the format of gzip, with the largest window.
    let status = inflateInit2_(
      stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib has no memory to begin")
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Whether the data ended where a member ended.
  var isComplete: Bool { isAtMemberStart }

  /// Inflates as much as fits.
  func step(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> Step {
    guard !input.isEmpty else { return .output(count: 0, inputUsed: 0) }
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(input.count)
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(output.count)
    // Zeros behind the last member are padding.
    if isAtMemberStart, input.allSatisfy({ $0 == 0 }) {
      return .output(count: 0, inputUsed: input.count)
    }
    isAtMemberStart = false
    let status = inflate(stream, Z_NO_FLUSH)
    let count = output.count - Int(stream.pointee.avail_out)
    let used = input.count - Int(stream.pointee.avail_in)
    switch status {
    case Z_OK: return .output(count: count, inputUsed: used)
    case Z_STREAM_END:
      inflateReset(stream)
      isAtMemberStart = true
      return .output(count: count, inputUsed: used)
    case Z_BUF_ERROR where count > 0 || used > 0:
      return .output(count: count, inputUsed: used)
    default:
      let text = stream.pointee.msg.map { String(cString: $0) } ?? "its data ends in the middle"
      return .damaged("gzip: \(text)")
    }
  }
}
