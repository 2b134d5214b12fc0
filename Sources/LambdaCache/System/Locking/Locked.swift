/// A value behind a lock like that of a cache.
///
/// It stands where a `Mutex` could: the thread sanitizer does not see how a mutex is taken that
/// somebody else holds, and takes what it guards for unguarded. It sees this lock.
///
/// Nothing of the caller's may run in ``withLock(_:)``, and no reference that may be the last to a
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
}
