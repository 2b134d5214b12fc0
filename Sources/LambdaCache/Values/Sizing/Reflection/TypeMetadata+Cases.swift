/// A case of an enum that has a payload.
struct PayloadCase {
  let name: String

  /// The payload's type, a tuple if there are several values.
  let type: Any.Type

  /// Whether the payload is in a box of its own.
  let isIndirect: Bool
}

extension TypeMetadata {
  /// The cases with a payload, in the order of their numbers; `nil` if one of them is not visible.
  ///
  /// The type's descriptor, at its second word, leads to the descriptor of its fields: 16 bytes,
  /// then three words of 32 bits for every case, those with a payload first: flags, and the
  /// distances of the mangled type and of the name from where they stand.
  func payloadCases() -> [PayloadCase]? {
    guard let descriptor = UnsafeRawPointer(bitPattern: word(1)) else { return nil }
    let count = Int(descriptor.load(fromByteOffset: 20, as: UInt32.self) & 0xFF_FFFF)
    if count == 0 { return [] }
    guard let fields = target(ofDistanceAt: descriptor + 16) else { return nil }
    guard fields.load(fromByteOffset: 10, as: UInt16.self) == 12,
      fields.load(fromByteOffset: 12, as: UInt32.self) >= count
    else { return nil }
    var cases: [PayloadCase] = []
    for index in 0..<count {
      let record = fields + 16 + index &* 12
      guard let mangledName = target(ofDistanceAt: record + 4),
        let name = target(ofDistanceAt: record + 8),
        let type = _getTypeByMangledNameInContext(
          mangledName.assumingMemoryBound(to: UInt8.self),
          UInt(mangledNameByteCount(mangledName)), genericContext: descriptor,
          genericArguments: genericArguments)
      else { return nil }
      cases.append(
        PayloadCase(
          name: String(cString: name.assumingMemoryBound(to: CChar.self)), type: type,
          isIndirect: record.load(as: UInt32.self) & 1 == 1))
    }
    return cases
  }
}

/// Follows a distance of 32 bits from where it stands; `nil` if it is zero.
private func target(ofDistanceAt pointer: UnsafeRawPointer) -> UnsafeRawPointer? {
  let distance = pointer.load(as: Int32.self)
  return distance == 0 ? nil : pointer + Int(distance)
}

/// The length of a mangled name, in which a byte below 32 announces a reference of four bytes, or
/// from 24 on of a word, that may contain zeros.
private func mangledNameByteCount(_ name: UnsafeRawPointer) -> Int {
  var end = 0
  while true {
    switch name.load(fromByteOffset: end, as: UInt8.self) {
    case 0: return end
    case 0x01...0x17: end += 5
    case 0x18...0x1F: end += 1 + MemoryLayout<UInt>.size
    default: end += 1
    }
  }
}
