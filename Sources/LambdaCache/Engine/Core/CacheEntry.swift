/// A key and its value as they lie in a slot.
@usableFromInline
package struct CacheEntry<Key, Value> {
  @usableFromInline package var key: Key
  @usableFromInline package var value: Value

  @inlinable
  package init(key: Key, value: Value) {
    self.key = key
    self.value = value
  }
}

extension CacheEntry where Key: HeapSized, Value: HeapSized {
  /// The closure that measures an entry whose key and value know their sizes; `nil` if they own
  /// nothing, so that no call is needed.
  @inlinable
  static var measure: ((Key, Value) -> Int)? {
    if Key.isHeapFree, Value.isHeapFree { return nil }
    return { $0.heapByteCount + $1.heapByteCount }
  }
}

extension CacheEntry where Key: HeapSized & Sendable, Value: HeapSized & Sendable {
  /// ``measure`` for a cache that is shared.
  @inlinable
  static var sharedMeasure: (@Sendable (Key, Value) -> Int)? {
    if Key.isHeapFree, Value.isHeapFree { return nil }
    return { $0.heapByteCount + $1.heapByteCount }
  }
}
