/// A value behind a lock like that of a cache.
///
/// In the place of a `Mutex`: the thread sanitizer does not see how a contended mutex is taken, and
/// reports the value that it guards. It sees this lock.
///
/// No code of the program may run in ``withLock(_:)``, and no reference that may be the last to a
/// cache may end in it.
package final class Locked<Value>: @unchecked Sendable {
  private let lock = CacheLock()
  /// Guarded by the lock.
  private var value: Value

  package init(_ value: Value) {
    self.value = value
  }

  package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return body(&value)
  }

  /// Does nothing if another thread has the lock, and returns `nil` then.
  package func withLockIfFree<Result>(_ body: (inout Value) -> Result) -> Result? {
    guard lock.tryLock() else { return nil }
    defer { lock.unlock() }
    return body(&value)
  }
}
