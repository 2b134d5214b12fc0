/// The bytes of one fuzz input, read as numbers.
///
/// Every field takes whole bytes and every operation four of them, so that the mutations of a
/// fuzzer (a byte changed, a block copied, removed or put in) are mutations of the history too.
struct FuzzInput {
  static let operationByteCount = 4

  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
  }

  var remainingByteCount: Int { bytes.count - position }

  /// The next byte, or 0 behind the end.
  mutating func byte() -> Int {
    guard position < bytes.count else { return 0 }
    defer { position += 1 }
    return Int(bytes[position])
  }

  /// One of some values, which are not empty, by the next byte.
  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[byte() % elements.count]
  }
}
