import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads requests or responses from a connection.
struct LoopbackReader {
  /// How much of a message to read.
  enum Extent {
    case head
    case oneChunk
    case whole
  }

  struct Message: Sendable, Equatable {
    var line: String
    /// By names in lower case; of repeated ones the last.
    var fields: [String: String]
    var body: [UInt8] = []
    /// The chunks of which the body consists, if it came in chunks.
    var chunks: [[UInt8]] = []
    var trailers: [String: String] = [:]

    var text: String { String(decoding: body, as: UTF8.self) }
  }

  let descriptor: Int32
  var onChunk: ([UInt8]) -> Void = { _ in }
  private var pending: [UInt8] = []

  init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Reads a message, or returns `nil` when the peer has closed or is silent.
  ///
  /// A response with neither length nor chunks ends with the connection, a request has no body
  /// then.
  mutating func readMessage(_ extent: Extent = .whole) -> Message? {
    guard let line = readLine(), let fields = readFields() else { return nil }
    let message = Message(line: line, fields: fields)
    return extent == .head ? message : readBody(of: message, extent)
  }

  /// Reads what belongs to a head.
  mutating func readBody(of head: Message, _ extent: Extent = .whole) -> Message? {
    var message = head
    let fields = head.fields
    if fields["transfer-encoding"] == "chunked" {
      guard readChunks(into: &message, extent) else { return nil }
    } else if let length = fields["content-length"] {
      guard let body = read(Int(length) ?? 0) else { return nil }
      message.body = body
    } else if head.line.hasPrefix("HTTP/"), !head.line.hasPrefix("HTTP/1.1 100") {
      while fill() {}
      message.body = pending
      pending = []
    }
    return message
  }

  /// Whether the peer has closed, or said that nothing more comes; what it sent before is kept.
  func isClosed() -> Bool {
    var byte: UInt8 = 0
    let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
    return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
  }

  /// Takes a few bytes, and is `false` when the peer has closed.
  func takeSome(_ count: Int) -> Bool {
    var bytes = [UInt8](repeating: 0, count: count)
    return recv(descriptor, &bytes, count, 0) > 0
  }

  /// Reads until the peer has closed.
  ///
  /// - Returns: `false` if patience was over before.
  @discardableResult
  mutating func waitUntilClosed() -> Bool {
    while fill() { pending.removeAll() }
    return isClosed()
  }

  private mutating func readChunks(into message: inout Message, _ extent: Extent) -> Bool {
    while true {
      guard let line = readLine(), let size = Int(line, radix: 16) else { return false }
      if size == 0 { break }
      guard let chunk = read(size), readLine() == "" else { return false }
      message.chunks.append(chunk)
      message.body += chunk
      onChunk(chunk)
      if extent == .oneChunk { return true }
    }
    guard let trailers = readFields() else { return false }
    message.trailers = trailers
    return true
  }

  /// Reads lines up to an empty one.
  private mutating func readFields() -> [String: String]? {
    var fields: [String: String] = [:]
    while true {
      guard let line = readLine() else { return nil }
      if line.isEmpty { return fields }
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      fields[line[..<colon].lowercased()] = value
    }
  }

  private mutating func readLine() -> String? {
    var end = pending.firstRange(of: [13, 10])
    while end == nil {
      guard fill() else { return nil }
      end = pending.firstRange(of: [13, 10])
    }
    guard let end else { return nil }
    defer { pending.removeFirst(end.upperBound) }
    return String(decoding: pending[..<end.lowerBound], as: UTF8.self)
  }

  private mutating func read(_ count: Int) -> [UInt8]? {
    while pending.count < count {
      guard fill() else { return nil }
    }
    defer { pending.removeFirst(count) }
    return Array(pending[..<count])
  }

  /// Receives what there is; `false` when the connection has ended.
  private mutating func fill() -> Bool {
    withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { buffer in
      while true {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        pending.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        return true
      }
    }
  }
}
