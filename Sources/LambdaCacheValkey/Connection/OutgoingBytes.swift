/// Bytes that wait to be sent.
struct OutgoingBytes {
  private var bytes: [UInt8] = []
  private var start = 0

  /// More than that is not kept once it is sent.
  private static let keptByteCount = 65_536

  var isEmpty: Bool { start == bytes.count }

  mutating func append(_ more: [UInt8]) {
    if isEmpty { removeAll() }
    bytes.append(contentsOf: more)
  }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptByteCount)
    start = 0
  }

  /// Passes the bytes to a closure that sends the first of them, until all are sent or it returns
  /// `nil`.
  mutating func send(_ body: (UnsafeRawBufferPointer) throws -> Int?) rethrows {
    while !isEmpty {
      let count = try bytes.withUnsafeBytes { all in
        try body(UnsafeRawBufferPointer(rebasing: all[start...]))
      }
      guard let count else { break }
      start += max(0, min(count, bytes.count - start))
    }
    // Dropped once they are half: one who always has more to send would keep all.
    if start > Self.keptByteCount, start > bytes.count / 2 {
      bytes.removeFirst(start)
      start = 0
    }
  }
}
