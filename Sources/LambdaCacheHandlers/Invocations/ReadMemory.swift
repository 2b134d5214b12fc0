internal import LambdaCache

/// The values that an invocation has read, so that it reads the same again.
///
/// Each key of each cache has a place of its own, so that a change of one key has no effect on
/// reads of another. There is a place for a key that has a value here, and for one that is being
/// read.
struct ReadMemory {
  /// A value and its cache: while that is retained, no other cache has its address.
  typealias Kept = (cache: any AnyObject & Sendable, value: any Sendable)

  struct Name: Hashable {
    private let cache: ObjectIdentifier
    private let key: AnyHashable

    init<Key: Hashable & Sendable, Value>(_ cache: Cache<Key, Value>, _ key: Key) {
      self.cache = ObjectIdentifier(cache)
      self.key = AnyHashable(key)
    }
  }

  private struct Place {
    var kept: Kept?
    /// The number of reads in progress.
    var readCount = 0
    /// How often the key was set or removed since the first of them began.
    var changes = 0
  }

  /// The most values that are kept: a handler that reads without end must not fill the memory.
  static let limit = 1024

  private var places: [Name: Place] = [:]
  private var keptCount = 0

  /// Begins to read a key.
  ///
  /// - Returns: The value to be read again, and 0; if there is none, the number for
  ///   ``endRead(of:_:with:)``.
  mutating func beginRead(of name: Name) -> (value: (any Sendable)?, changes: Int) {
    if let kept = places[name]?.kept { return (kept.value, 0) }
    places[name, default: Place()].readCount += 1
    return (nil, places[name]?.changes ?? 0)
  }

  /// Ends a read that has failed.
  mutating func endRead(of name: Name) {
    _ = endRead(of: name, -1, with: nil)
  }

  /// Ends a read.
  ///
  /// - Parameters:
  ///   - name: The key.
  ///   - changes: The number that ``beginRead(of:)`` has returned.
  ///   - read: The value that was read; `nil` for one that must not be read again.
  /// - Returns: The value that was set or read by another task meanwhile; `nil` if there is none.
  mutating func endRead(of name: Name, _ changes: Int, with read: Kept?) -> (any Sendable)? {
    guard var place = places[name] else { return nil }
    let first = place.kept?.value
    place.readCount -= 1
    // A change meanwhile is newer than the value that was read.
    if first == nil, let read, changes == place.changes, keptCount < Self.limit {
      place.kept = read
      keptCount += 1
    }
    places[name] = place.kept == nil && place.readCount == 0 ? nil : place
    return first
  }

  /// Notes that a key was set or, with `nil`, removed.
  ///
  /// - Returns: The value that was kept, to be destroyed outside of the lock.
  mutating func set(_ new: Kept?, of name: Name) -> Kept? {
    var place = places[name] ?? Place()
    let old = place.kept
    place.changes += 1
    place.kept = old == nil && keptCount >= Self.limit ? nil : new
    keptCount += (place.kept == nil ? 0 : 1) - (old == nil ? 0 : 1)
    places[name] = place.kept == nil && place.readCount == 0 ? nil : place
    return old
  }
}
