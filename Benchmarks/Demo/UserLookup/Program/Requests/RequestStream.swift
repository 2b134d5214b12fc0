#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A stream of requests in a file without a name: one user per request, 32 bits each.
///
/// Both phases of a run read the same file, each through its standard input, so that they see the
/// same requests, and so that neither the distribution nor the trace takes memory in a process
/// whose memory is measured. The file vanishes with the last process that holds it open.
struct RequestStream: ~Copyable {
  /// The open file.
  let descriptor: Int32

  /// The number of requests in it.
  private(set) var count = 0

  private var buffer: [UInt32] = []
  private static let bufferCount = 16_384

  /// Creates an empty stream.
  ///
  /// - Throws: `RequestStreamError` when the folder for temporary files cannot be written.
  init() throws {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(folder)/user-lookup-XXXXXX".utf8CString)
    descriptor = template.withUnsafeMutableBufferPointer { mkstemp($0.baseAddress!) }
    guard descriptor >= 0 else { throw RequestStreamError.system("create", errno) }
    template.withUnsafeBufferPointer { _ = unlink($0.baseAddress!) }
    buffer.reserveCapacity(Self.bufferCount)
  }

  deinit {
    close(descriptor)
  }

  /// Appends a request for a user.
  mutating func append(user: Int) throws {
    buffer.append(UInt32(user))
    count += 1
    if buffer.count == Self.bufferCount {
      try flush()
    }
  }

  /// Writes what is buffered, and goes back to the first request.
  mutating func rewind() throws {
    try flush()
    guard lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw RequestStreamError.system("rewind", errno)
    }
  }

  private mutating func flush() throws {
    try buffer.withUnsafeBytes { bytes in
      var rest = UnsafeRawBufferPointer(rebasing: bytes[...])
      while !rest.isEmpty {
        let written = write(descriptor, rest.baseAddress, rest.count)
        if written < 0 {
          guard errno == EINTR else { throw RequestStreamError.system("write", errno) }
        } else {
          rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
        }
      }
    }
    buffer.removeAll(keepingCapacity: true)
  }
}

/// Reads 32-bit words from a file in pieces, in the byte order given.
struct WordReader {
  private let descriptor: Int32
  private var buffer: [UInt8]
  private var start = 0
  private var end = 0

  /// Creates a reader of an open file, which stays the caller's to close.
  init(descriptor: Int32) {
    self.descriptor = descriptor
    buffer = [UInt8](repeating: 0, count: 65_536)
  }

  /// The next four bytes as a number, the first byte being the lowest, or `nil` at the end.
  ///
  /// - Throws: `RequestStreamError` when the file cannot be read or ends within a word.
  mutating func next() throws -> UInt32? {
    if end - start < 4 {
      try fill()
      guard end > start else { return nil }
      guard end - start >= 4 else { throw RequestStreamError.truncated(extraBytes: end - start) }
    }
    defer { start += 4 }
    return buffer.withUnsafeBytes {
      UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: UInt32.self))
    }
  }

  /// Moves what is left to the front and reads until a word is there or the file ends.
  private mutating func fill() throws {
    let rest = end - start
    for index in 0..<rest {
      buffer[index] = buffer[start + index]
    }
    start = 0
    end = rest
    while end < 4 {
      let count = buffer.withUnsafeMutableBytes {
        read(descriptor, $0.baseAddress! + end, $0.count - end)
      }
      if count < 0 {
        guard errno == EINTR else { throw RequestStreamError.system("read", errno) }
      } else if count == 0 {
        return
      } else {
        end += count
      }
    }
  }
}

/// Why a stream of requests cannot be written or read.
enum RequestStreamError: Error, Equatable {
  /// The system refused a step, with this error number.
  case system(String, Int32)
  /// The file ends with a part of a word.
  case truncated(extraBytes: Int)
}

extension RequestStreamError: CustomStringConvertible {
  var description: String {
    switch self {
    case .system(let step, let number):
      "The stream of requests failed to \(step): \(String(cString: strerror(number)))."
    case .truncated(let extraBytes):
      """
      The stream of requests ends with \(extraBytes) of 4 bytes: it must be a whole number of \
      32-bit words.
      """
    }
  }
}
