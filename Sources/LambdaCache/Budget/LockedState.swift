/// A value behind a lock like that of a cache.
///
/// Nothing of the caller's may run in ``withLock(_:)``, and no reference that may be the last to a
/// cache may end in it.
final class LockedState<Value>: @unchecked Sendable {
  private let lock = CacheLock()
  /// Guarded by the lock.
  private var value: Value

  init(_ value: Value) {
    self.value = value
  }

  func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return body(&value)
  }
}
