/// The answer to one meta command.
struct MetaReply: Sendable {
  enum Code: Sendable, Equatable {
    /// Done.
    case done
    /// The item, with its bytes.
    case value([UInt8])
    /// There is no such item (`EN` and `NF`).
    case noItem
    /// It was not stored, because the command's condition does not hold (`NS`).
    case notStored
    /// It has another version (`EX`).
    case otherVersion
    /// The server refuses this command, and goes on with the next one.
    case serverError(String)
  }

  let code: Code
  /// The flags behind the code.
  private let flags: [Substring]

  init(code: Code, flags: [Substring] = []) {
    self.code = code
    self.flags = flags
  }

  /// The version of the item.
  var version: UInt64? { number("c") }
  /// The number that the item was stored with.
  var clientFlags: UInt64? { number("f") }
  /// Whether this command has made the item, or is the first that may renew it.
  var isWinner: Bool { flags.contains("W") }

  private func number(_ flag: Character) -> UInt64? {
    flags.first { $0.first == flag }.flatMap { UInt64($0.dropFirst()) }
  }

  /// Throws what the server refuses.
  func check() throws(MemcachedError) {
    guard case .serverError(let text) = code else { return }
    if text.contains("too large") { throw .tooLarge }
    throw .refused(text)
  }
}

/// Makes replies of the bytes that come.
struct MetaParser {
  /// The longest line; replies without a value are one.
  private static let lineLimit = 2048
  /// The largest value; a server takes items of 1 GiB at the most.
  private static let valueLimit = 1 << 30

  private var bytes: [UInt8] = []
  private var start = 0

  mutating func append(_ more: UnsafeRawBufferPointer) {
    if start == bytes.count {
      bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 16)
      start = 0
    }
    bytes += more
  }

  /// Takes the next reply.
  ///
  /// - Returns: `nil` if it is not there as a whole yet.
  /// - Throws: ``MemcachedError/malformedReply(_:)``, after which nothing that comes has a meaning.
  mutating func next() throws(MemcachedError) -> MetaReply? {
    guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else {
      guard bytes.count - start <= Self.lineLimit else { throw .malformedReply("a long line") }
      return nil
    }
    guard end > start, bytes[end - 1] == UInt8(ascii: "\r"), end - start <= Self.lineLimit else {
      throw .malformedReply("a line")
    }
    let line = String(decoding: bytes[start..<(end - 1)], as: UTF8.self)
    let words = line.split(separator: " ")
    var next = end + 1
    let code: MetaReply.Code
    var flags = words.dropFirst()
    switch words.first {
    case "HD", "OK", "MN": code = .done
    case "EN", "NF": code = .noItem
    case "NS": code = .notStored
    case "EX": code = .otherVersion
    case "SERVER_ERROR":
      code = .serverError(String(line.dropFirst("SERVER_ERROR ".count)))
    case "VA":
      guard let size = flags.popFirst().flatMap({ Int($0) }),
        (0...Self.valueLimit).contains(size)
      else { throw .malformedReply("the size of a value") }
      guard bytes.count - next >= size + 2 else { return nil }
      guard bytes[next + size] == UInt8(ascii: "\r"), bytes[next + size + 1] == UInt8(ascii: "\n")
      else { throw .malformedReply("the end of a value") }
      code = .value(Array(bytes[next..<(next + size)]))
      next += size + 2
    default:
      // Among them ERROR and CLIENT_ERROR: what follows may be no reply to a command of ours.
      throw .malformedReply(line)
    }
    start = next
    return MetaReply(code: code, flags: Array(flags))
  }
}
