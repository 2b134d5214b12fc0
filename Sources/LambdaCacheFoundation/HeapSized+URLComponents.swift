public import LambdaCache

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

extension URLQueryItem: HeapSized {
  /// The bytes of name and value.
  ///
  /// - Complexity: O(1).
  public var heapByteCount: Int { name.heapByteCount + (value?.heapByteCount ?? 0) }
}

extension URLComponents: HeapSized {
  /// The bytes of the text that was parsed, of what parsing has found, and of the components that
  /// were set.
  ///
  /// - Complexity: O(1), or where Foundation's layout is another one O(*n*) in the length.
  public var heapByteCount: Int {
    guard let parts = storedParts else {
      // Every component may have been set after a text was parsed.
      return Self.parsedByteCount + 2 * (string?.heapByteCount ?? 0)
    }
    return parts.reduce(0) { $0 + ($1?.heapByteCount ?? 0) }
      + (parsed == nil ? 0 : Self.parsedByteCount)
  }

  /// The object with the result of parsing, which owns no memory but the text: 221 bytes, measured
  /// with Swift 6.3 on 64-bit Linux.
  private static var parsedByteCount: Int { allocationByteCount(forRequest: 221) }

  /// The result of parsing; `nil` if no text was parsed.
  private var parsed: UnsafeRawPointer? {
    withUnsafeBytes(of: self) { UnsafeRawPointer(bitPattern: $0.load(as: UInt.self)) }
  }

  /// The texts that are stored: the parsed one, and those that were set; `nil` if the layout is
  /// not that of Swift 6.3 on 64-bit Linux.
  ///
  /// The first word is the address of the result of parsing, an object whose first property is the
  /// text. Scheme, user, password and host stand behind flags, path, query and fragment behind the
  /// port.
  private var storedParts: [String?]? {
    #if os(Linux) && _pointerBitWidth(_64)
      guard MemoryLayout<URLComponents>.size == 154 else { return nil }
      return withUnsafeBytes(of: self) { bytes in
        [24, 40, 56, 72, 104, 120, 136].map { bytes.load(fromByteOffset: $0, as: String?.self) }
          + [parsed?.load(fromByteOffset: 16, as: String.self)]
      }
    #else
      return nil
    #endif
  }
}
