import Foundation

/// A value behind a lock that ThreadSanitizer can follow, which it cannot with `Mutex` on Linux.
final class Guarded<Value>: @unchecked Sendable {
  // `value` is only touched with the lock held.
  private let lock = NSLock()
  private var value: Value

  init(_ value: sending Value) {
    self.value = value
  }

  func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
