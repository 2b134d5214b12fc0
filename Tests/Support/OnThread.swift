#if canImport(Testing)
  import Foundation

  /// Starts a thread for a closure that blocks, and returns a gate that its result opens.
  ///
  /// The thread has begun when this returns. `async let` and `Task` begin when one of the few
  /// threads of tasks is free: a test that blocks its own until they have begun may wait for ever.
  package func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) -> Gate<Value> {
    let result = Gate<Value>()
    Thread.detachNewThread { result.open(returning: body()) }
    return result
  }
#endif
