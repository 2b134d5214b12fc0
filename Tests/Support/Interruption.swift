import Foundation
import LambdaCache

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A thread whose calls signals interrupt.
package enum Interruption {
  private final class Box: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// A wait that has ended only when it was left alone.
  package struct NotEnded: Error {}

  /// Runs a closure on a thread, interrupts what it waits in twenty times, and then lets it go on.
  ///
  /// - Parameter release: Ends the wait, if the closure does not end it itself.
  package static func of<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value,
    releasing release: @escaping @Sendable () -> Void = {}
  ) async throws -> Value {
    // Not on a thread of the pool, of which there may be two for all tests.
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(with: Result { try interrupting(body, releasing: release) })
      }
    }
  }

  private static func interrupting<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value, releasing release: () -> Void
  ) throws -> Value {
    var action = sigaction()
    #if canImport(Darwin)
      action.__sigaction_u.__sa_handler = { _ in }
    #else
      action.__sigaction_handler.sa_handler = { _ in }
    #endif
    // Without SA_RESTART, so that a call that waits fails with EINTR.
    action.sa_flags = 0
    sigaction(SIGUSR2, &action, nil)
    let outcome = Locked<Result<Value, any Error>?>(nil)
    let box = Box {
      // Threads of the pool block signals, and those that they start inherit that.
      var signals = sigset_t()
      sigemptyset(&signals)
      sigaddset(&signals, SIGUSR2)
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      let result = Result { try body() }
      outcome.withLock { $0 = result }
    }
    #if canImport(Darwin)
      var thread: pthread_t?
      pthread_create(
        &thread, nil,
        {
          Unmanaged<Box>.fromOpaque($0).takeRetainedValue().run()
          return nil
        }, Unmanaged.passRetained(box).toOpaque())
      guard let thread else { throw CancellationError() }
    #else
      var thread = pthread_t()
      pthread_create(
        &thread, nil,
        { argument in
          if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().run() }
          return nil
        }, Unmanaged.passRetained(box).toOpaque())
    #endif
    for _ in 0..<20 {
      usleep(2000)
      pthread_kill(thread, SIGUSR2)
    }
    release()
    // A wait with a limit of its own must end, however often it is interrupted.
    let end = SuspendingClock.now + unreachedTime
    while outcome.withLock({ $0 == nil }), SuspendingClock.now < end {
      usleep(2000)
      pthread_kill(thread, SIGUSR2)
    }
    let hasEnded = outcome.withLock { $0 != nil }
    pthread_join(thread, nil)
    guard hasEnded, let result = outcome.withLock({ $0 }) else { throw NotEnded() }
    return try result.get()
  }
}
