/// Entries that have left the structure until the end of the operation: their keys and values are
/// destroyed, and the removal listener is called, only when the cache is whole again and no lock is
/// held.
///
/// One entry, the usual number, needs no allocation, and none at all no work.
@usableFromInline
package struct RemovedEntries<Key, Value>: ~Copyable {
  @usableFromInline
  package struct Removal {
    @usableFromInline package var key: Key?
    @usableFromInline package var value: Value
    @usableFromInline package var cause: RemovalCause

    @inlinable
    init(key: Key?, value: Value, cause: RemovalCause) {
      self.key = key
      self.value = value
      self.cause = cause
    }
  }

  /// The removed entries, the first and those after it.
  @usableFromInline
  struct Gathered {
    @usableFromInline let first: Removal
    @usableFromInline var others: LaterRemovals?

    @inlinable
    init(_ first: Removal) {
      self.first = first
    }
  }

  /// `nil` for nothing: destroying that takes one comparison, where a reference beside it would be
  /// released by a call.
  @usableFromInline var gathered: Gathered?

  @inlinable
  package init() {}

  /// A class, and not memory that a deinitializer frees: where code is not specialized, the value
  /// witness of a generic struct of trivial fields runs no deinitializer.
  @usableFromInline
  final class LaterRemovals {
    @usableFromInline var list: [Removal]

    @inlinable
    init(_ first: Removal) {
      list = [first]
    }
  }

  /// Whether entries of these types may simply be overwritten where there is no listener.
  @inlinable static var areTrivial: Bool { _isPOD(Key.self) && _isPOD(Value.self) }

  /// Moves an entry out of its slot.
  ///
  /// - Parameters:
  ///   - entry: The slot; uninitialized afterwards.
  ///   - cause: Why the entry leaves.
  ///   - isObserved: Whether a removal listener will be called.
  @inlinable
  mutating func collect(
    _ entry: UnsafeMutablePointer<CacheEntry<Key, Value>>, cause: RemovalCause, isObserved: Bool
  ) {
    if RemovedEntries.areTrivial, !isObserved { return }
    let entry = entry.move()
    add(Removal(key: entry.key, value: entry.value, cause: cause))
  }

  /// Puts a key and a value in the place of an equal key and its value, and keeps the old ones.
  ///
  /// The key is replaced too: the bytes that are booked for the entry are those of the new key,
  /// which may own more or less than an equal one. A key of the same bits is the same key, and
  /// stays.
  @inlinable
  mutating func replace(
    _ entry: UnsafeMutablePointer<CacheEntry<Key, Value>>, byKey key: Key,
    value: consuming Value, isObserved: Bool
  ) {
    let keepsKey = _isPOD(Key.self) || EntryBits<Key>.areSame(&entry.pointee.key, key)
    if keepsKey, _isPOD(Value.self), !isObserved {
      if _isPOD(Key.self) { entry.pointee.key = key }
      entry.pointee.value = value
      return
    }
    let oldKey = isObserved || !keepsKey ? entry.pointee.key : nil
    let old = entry.pointee.value
    if _isPOD(Key.self) || !keepsKey { entry.pointee.key = key }
    entry.pointee.value = value
    add(Removal(key: oldKey, value: old, cause: .replaced))
  }

  @inlinable
  mutating func add(_ removal: Removal) {
    if gathered == nil {
      gathered = Gathered(removal)
    } else {
      addLater(removal)
    }
  }

  @inlinable @inline(never)
  mutating func addLater(_ removal: Removal) {
    if let others = gathered?.others {
      others.list.append(removal)
    } else {
      gathered?.others = LaterRemovals(removal)
    }
  }

  /// Calls a listener, in the order of removal.
  @inlinable
  package func report(to listener: (Key, Value, RemovalCause) -> Void) {
    guard let gathered else { return }
    gathered.first.send(to: listener)
    guard let others = gathered.others else { return }
    for removal in others.list { removal.send(to: listener) }
  }
}

extension RemovedEntries.Removal {
  @inlinable
  func send(to listener: (Key, Value, RemovalCause) -> Void) {
    guard let key else { preconditionFailure("an observed entry was kept without its key") }
    listener(key, value, cause)
  }
}
