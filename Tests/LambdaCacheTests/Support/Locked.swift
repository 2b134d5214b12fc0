import LambdaCache

/// A value that threads share.
///
/// The thread sanitizer does not see how a `Mutex` is taken that somebody else holds: that part of
/// it lies in a library that is not instrumented, and what the mutex guards looks unguarded. It
/// sees a cache's lock.
final class Locked<Value>: @unchecked Sendable {
  private let lock = CacheLock()
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
