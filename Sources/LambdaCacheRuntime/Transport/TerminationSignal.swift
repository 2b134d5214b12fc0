internal import LambdaCacheTransport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// SIGTERM and SIGINT as `StopSignal`s.
///
/// Lambda sends SIGTERM before it ends an environment, but only to a function with a registered
/// extension (AWS Lambda developer guide, "Shutdown phase"). SIGINT is what a terminal sends to the
/// local server.
///
/// A handler that the program has set itself stays in place; then the signal never fires.
enum TerminationSignal {
  /// The signal that SIGTERM fires, the same for the whole process.
  ///
  /// - Throws: `SystemError` when the pipe cannot be made.
  static func stopSignal() throws(SystemError) -> StopSignal { try termination.get() }

  /// The signal that the first SIGINT fires; a second one ends the process, also while a handler
  /// hangs.
  ///
  /// - Throws: `SystemError` when the pipe cannot be made.
  static func interruptSignal() throws(SystemError) -> StopSignal { try interrupt.get() }

  /// Made and installed at first use.
  private static let termination = install(SIGTERM, handleTermination) { terminationTrigger = $0 }
  private static let interrupt = install(SIGINT, handleInterrupt) { interruptTrigger = $0 }

  private static func install(
    _ number: Int32, _ handler: @convention(c) (Int32) -> Void, _ remember: (Int32) -> Void
  ) -> Result<StopSignal, SystemError> {
    let stop: StopSignal
    do { stop = try StopSignal() } catch { return .failure(error) }
    remember(stop.trigger)
    if let previous = signal(number, handler) { signal(number, previous) }
    return .success(stop)
  }
}

/// The triggers that the handlers write to, set once, before the handlers are installed.
nonisolated(unsafe) private var terminationTrigger: Int32 = -1
nonisolated(unsafe) private var interruptTrigger: Int32 = -1

/// Runs in signal context: one `write`, and the interrupted code's `errno` kept.
private func handleTermination(_ number: Int32) {
  let interrupted = errno
  StopSignal.fire(terminationTrigger)
  errno = interrupted
}

/// Runs in signal context: as above, once SIGINT does again what it does by default.
private func handleInterrupt(_ number: Int32) {
  let interrupted = errno
  signal(SIGINT, SIG_DFL)
  StopSignal.fire(interruptTrigger)
  errno = interrupted
}
