#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// SIGTERM as a `StopSignal`.
///
/// Lambda sends SIGTERM before it ends an environment, but only to a function with a registered
/// extension (AWS Lambda developer guide, "Shutdown phase").
enum TerminationSignal {
  /// What SIGTERM fires, the same for the whole process.
  ///
  /// - Throws: `SystemError` when the pipe cannot be made.
  static func stopSignal() throws(SystemError) -> StopSignal { try installed.get() }

  /// The signal, made and installed at first use.
  ///
  /// A handler that the program has set itself stays in place; then this signal never fires.
  private static let installed: Result<StopSignal, SystemError> = install()

  private static func install() -> Result<StopSignal, SystemError> {
    let stop: StopSignal
    do { stop = try StopSignal() } catch { return .failure(error) }
    terminationTrigger = stop.trigger
    if let previous = signal(SIGTERM, handleTermination) { signal(SIGTERM, previous) }
    return .success(stop)
  }
}

/// The trigger that the handler writes to, set once, before the handler is installed.
nonisolated(unsafe) private var terminationTrigger: Int32 = -1

/// Runs in signal context: one `write`, and the interrupted code's `errno` kept.
private func handleTermination(_ number: Int32) {
  let interrupted = errno
  StopSignal.fire(terminationTrigger)
  errno = interrupted
}
