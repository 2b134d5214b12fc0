#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A recorded request stream: one key per request, unsigned 32-bit little-endian, in order.
enum TraceFile {
  /// Appends the requests of a trace to a stream, each key standing for a user of its own.
  ///
  /// The keys of a trace are sparse. Numbered in the order in which they appear and scattered over
  /// the users, two keys never share a user: the stream hits and misses as the trace does.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - limit: How many requests to take at most, or `nil` for all of them.
  ///   - directory: The users.
  ///   - stream: Where the requests go.
  /// - Throws: `TraceFileError` when the file cannot be played, or the stream's own error.
  static func append(
    path: String, limit: Int?, directory: UserDirectory, to stream: inout RequestStream
  ) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw TraceFileError.system(path: path, number: errno) }
    defer { close(descriptor) }
    try checkSize(of: descriptor, path: path)

    let scatter = UserScatter(userCount: directory.count)
    var users: [UInt32: UInt32] = [:]
    var reader = WordReader(descriptor: descriptor)
    var remaining = limit ?? .max
    while remaining > 0, let key = try reader.next() {
      remaining -= 1
      if let user = users[key] {
        try stream.append(user: Int(user))
        continue
      }
      guard users.count < directory.count else {
        throw TraceFileError.tooManyKeys(path: path, userCount: directory.count)
      }
      let user = scatter.user(at: users.count)
      users[key] = UInt32(user)
      try stream.append(user: user)
    }
  }

  private static func checkSize(of descriptor: Int32, path: String) throws {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw TraceFileError.system(path: path, number: errno)
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw TraceFileError.notAFile(path: path) }
    let byteCount = Int(status.st_size)
    guard byteCount > 0, byteCount.isMultiple(of: 4) else {
      throw TraceFileError.size(path: path, byteCount: byteCount)
    }
  }
}

/// Why a trace cannot be played.
enum TraceFileError: Error, Equatable {
  /// The system refused to open or to read it, with this error number.
  case system(path: String, number: Int32)
  /// It is a folder or a device.
  case notAFile(path: String)
  /// It is empty or not a whole number of keys long.
  case size(path: String, byteCount: Int)
  /// It asks for more distinct keys than there are users to stand for them.
  case tooManyKeys(path: String, userCount: Int)
}

extension TraceFileError: CustomStringConvertible {
  var description: String {
    switch self {
    case .system(let path, let number):
      "The trace \(path) cannot be read: \(String(cString: strerror(number)))."
    case .notAFile(let path):
      "The trace \(path) is not a regular file."
    case .size(let path, let byteCount):
      """
      The trace \(path) has \(byteCount) bytes: a trace is one 32-bit little-endian key per \
      request, so its size must be a positive multiple of 4.
      """
    case .tooManyKeys(let path, let userCount):
      """
      The trace \(path) asks for more than \(userCount) distinct keys, each of which needs a user \
      of its own: take fewer requests with --requests, or more users with --users.
      """
    }
  }
}
