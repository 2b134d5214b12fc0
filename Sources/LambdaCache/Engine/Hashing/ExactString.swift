/// A text that is equal to another one only if both have the same bytes in UTF-8.
///
/// Two strings are equal if they are canonically equivalent: "é" in one scalar and in two. Where a
/// text is an identity that keeps data of different owners apart, whoever issued it may count these
/// as two, so they must not share anything here.
package struct ExactString: Hashable, Sendable, HeapSized {
  /// The text.
  package let text: String

  package init(_ text: String) {
    self.text = text
  }

  package static func == (first: ExactString, second: ExactString) -> Bool {
    first.text.utf8.elementsEqual(second.text.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    let isHashed: Void? = text.utf8.withContiguousStorageIfAvailable {
      hasher.combine(bytes: UnsafeRawBufferPointer($0))
    }
    if isHashed == nil { for byte in text.utf8 { hasher.combine(byte) } }
    // No text has this byte, so no text is the beginning of another one.
    hasher.combine(0xFF as UInt8)
  }

  package var heapByteCount: Int { text.heapByteCount }
}
