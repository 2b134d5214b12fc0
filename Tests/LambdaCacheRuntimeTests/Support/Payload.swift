#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Large payloads, without loops over their bytes: those take a debug build longer than the
/// transport.
enum Payload {
  private static let pieceByteCount = 1021

  /// Bytes that show a piece that is lost, doubled or out of place: each piece begins with its
  /// number.
  static func pattern(_ count: Int) -> [UInt8] {
    var piece = (0..<pieceByteCount).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    return [UInt8](unsafeUninitializedCapacity: count) { bytes, initializedCount in
      var offset = 0
      while offset < count {
        piece[0] = UInt8(truncatingIfNeeded: offset / pieceByteCount)
        piece[1] = UInt8(truncatingIfNeeded: offset / pieceByteCount >> 8)
        memcpy(bytes.baseAddress! + offset, piece, min(piece.count, count - offset))
        offset += piece.count
      }
      initializedCount = count
    }
  }

  /// Whether two payloads are equal.
  static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    one.count == other.count && memcmp(one, other, one.count) == 0
  }
}
