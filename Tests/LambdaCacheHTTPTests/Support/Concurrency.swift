import LambdaCache
import TestSupport

/// A value that several tasks read and write.
final class LockedValue<Value: Sendable>: Sendable {
  private let value: Locked<Value>

  init(_ value: Value) { self.value = Locked(value) }

  func get() -> Value { value.withLock { $0 } }

  func set(_ newValue: Value) { value.withLock { $0 = newValue } }

  @discardableResult
  func update<Result: Sendable>(_ body: @Sendable (inout Value) -> Result) -> Result {
    value.withLock { value in body(&value) }
  }
}

extension LockedValue<Int> {
  /// Counts one more, and returns how many there are with it.
  func increment() -> Int { value.increment() }
}
