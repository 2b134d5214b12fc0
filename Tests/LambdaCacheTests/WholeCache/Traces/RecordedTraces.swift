import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Request streams recorded elsewhere, and what exact LRU makes of them.
///
/// They are too large for the repository. `LAMBDA_CACHE_TRACES` names their folder; without it,
/// they are looked for in `shared/traces` beside the clone. `reference.csv` there has the columns
/// trace, requests, policy, capacity_entries and hits; a trace is a file of the same name with the
/// extension `u32le`, one key per request as an unsigned 32-bit little-endian number.
enum RecordedTraces {
  struct Reference: CustomTestStringConvertible {
    var trace: String
    var requests: Int
    var capacity: Int
    var hits: Int

    var testDescription: String { "\(trace), \(capacity) entries" }
  }

  /// The folder of the traces.
  static let folder: String = {
    if let folder = getenv("LAMBDA_CACHE_TRACES") { return String(cString: folder) }
    let clone = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(5)
    return clone.joined(separator: "/") + "/../shared/traces"
  }()

  /// The rows of exact LRU; empty where the traces are missing.
  static let references: [Reference] = {
    guard let bytes = contents(of: "reference.csv") else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).dropFirst()
      .compactMap {
        let fields = $0.split(separator: ",").map(String.init)
        guard fields.count == 5, fields[2] == "LRU", let requests = Int(fields[1]),
          let capacity = Int(fields[3]), let hits = Int(fields[4])
        else { return nil }
        return Reference(trace: fields[0], requests: requests, capacity: capacity, hits: hits)
      }
  }()

  static var areMissing: Bool { references.isEmpty }

  /// The keys of a reference's requests.
  static func keys(of reference: Reference) -> [UInt32]? {
    guard
      let bytes = contents(
        of: reference.trace + ".u32le", byteLimit: reference.requests * MemoryLayout<UInt32>.size)
    else { return nil }
    return bytes.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count & ~3, by: 4).map {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self))
      }
    }
  }

  private static func contents(of name: String, byteLimit: Int = 1 << 20) -> [UInt8]? {
    guard let file = fopen(folder + "/" + name, "rb") else { return nil }
    defer { fclose(file) }
    return [UInt8](unsafeUninitializedCapacity: byteLimit) { buffer, count in
      count = fread(buffer.baseAddress, 1, byteLimit, file)
    }
  }
}
