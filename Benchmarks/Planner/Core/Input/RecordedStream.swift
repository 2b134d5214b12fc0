/// Recorded streams: keys as 32-bit little-endian numbers, and sizes in a file beside them.
enum RecordedStream {
  static func read(
    _ source: ByteSource, _ options: InputOptions, _ builder: inout LogBuilder,
    _ progress: (ReadingProgress) -> Void
  ) throws(InputError) {
    let file = source.path
    var sizes = try sizesSource(of: source.plainName, options)
    if let size = source.size { builder.reserve(size / 4) }
    var request = RawRequest()
    var number = 0
    while true {
      let keys = try source.nextBytes(multipleOf: 4)
      if keys.isEmpty { break }
      for offset in stride(from: 0, to: keys.count, by: 4) {
        number += 1
        let key = UInt32(littleEndian: keys.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        request.key = KeyHash.hash(UInt64(key))
        if sizes != nil {
          guard let size = try sizes?.next() else {
            try builder.noteDamage(
              "it has no sizes from here on, and the rest is left out", file: file, line: number)
            return
          }
          request.valueBytes = Int64(size)
        }
        try builder.append(request, file: file, line: number)
      }
      progress(ReadingProgress(file: file, bytesRead: source.bytesRead, size: source.size))
    }
    if source.leftOver > 0 {
      try builder.noteDamage("its last key is cut off", file: file, line: number + 1)
    }
  }

  /// The sizes that belong to a stream; for some streams only the first requests have any.
  private static func sizesSource(
    of name: String, _ options: InputOptions
  ) throws(InputError) -> SizeSource? {
    let stem = name.hasSuffix(".u32le") ? String(name.dropLast(6)) : name
    let path = "\(stem).\(options.sizesName).u32le"
    guard Platform.fileExists(path) else { return nil }
    return try SizeSource(path: path)
  }
}

/// The numbers of a file of sizes, one behind the other.
private struct SizeSource {
  private let source: ByteSource
  private var buffered: [UInt32] = []
  private var position = 0

  init(path: String) throws(InputError) {
    source = try ByteSource(path: path)
  }

  mutating func next() throws(InputError) -> UInt32? {
    if position == buffered.count {
      let bytes = try source.nextBytes(multipleOf: 4)
      buffered.removeAll(keepingCapacity: true)
      for offset in stride(from: 0, to: bytes.count, by: 4) {
        buffered.append(
          UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
      }
      position = 0
      if buffered.isEmpty { return nil }
    }
    position += 1
    return buffered[position - 1]
  }
}
