/// Commands that are sent together and answered in order.
struct MetaCommands: Sendable {
  /// The mark of items with a value; a lease alone has 0.
  static let valueFlag: UInt64 = 1

  private(set) var bytes: [UInt8] = []
  private(set) var count = 0

  /// Reads an item.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - lifetime: How many seconds an empty one lives that is made if there is none; `nil` for
  ///     making none.
  mutating func get(_ name: ItemName, creatingFor lifetime: Int64?) {
    begin("mg", name)
    bytes += " v c f".utf8
    if let lifetime { bytes += " N\(lifetime)".utf8 }
    end(name)
  }

  /// Adds an item unless it is there.
  mutating func add(_ name: ItemName, lifetime: Int64) {
    begin("ms", name)
    bytes += " 1 ME T\(lifetime)".utf8
    end(name)
    bytes += "1\r\n".utf8
  }

  /// Stores an item.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - value: Its bytes.
  ///   - lifetime: How many seconds it lives.
  ///   - version: The version that it must have until then; `nil` for any.
  mutating func set(_ name: ItemName, _ value: [UInt8], lifetime: Int64, version: UInt64?) {
    begin("ms", name)
    bytes += " \(value.count) T\(lifetime) F\(Self.valueFlag)".utf8
    if let version { bytes += " C\(version)".utf8 }
    end(name)
    bytes += value
    bytes += "\r\n".utf8
  }

  mutating func delete(_ name: ItemName) {
    begin("md", name)
    end(name)
  }

  /// Adds to a number, and reads it.
  ///
  /// - Parameters:
  ///   - name: The name of its item.
  ///   - step: The addend; a new number stays as it is.
  ///   - first: The number if there was none.
  mutating func count(_ name: ItemName, by step: UInt64, from first: UInt64) {
    begin("ma", name)
    bytes += " v N0 J\(first) D\(step)".utf8
    end(name)
  }

  private mutating func begin(_ command: String, _ name: ItemName) {
    bytes += "\(command) ".utf8
    bytes += name.bytes
  }

  private mutating func end(_ name: ItemName) {
    if name.isEncoded { bytes += " b".utf8 }
    bytes += "\r\n".utf8
    count += 1
  }
}
