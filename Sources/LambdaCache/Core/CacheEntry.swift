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
