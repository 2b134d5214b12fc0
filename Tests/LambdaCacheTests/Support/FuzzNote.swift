import LambdaCache

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Says on standard error which history was running if the process dies of a trap.
///
/// A trap ends the whole test process, and without this its seed would be unknown.
final class FuzzNote {
  private struct Running {
    /// A history runs on one thread, which is the one that a trap stops.
    var thread: pthread_t?
    var name: UnsafeMutablePointer<CChar>?
    var seed: UInt64 = 0
    var step = 0
  }

  /// More than there are fuzz tests that can run at the same time.
  private static let capacity = 64
  nonisolated(unsafe) private static let running = {
    let running = UnsafeMutablePointer<Running>.allocate(capacity: capacity)
    running.initialize(repeating: Running(), count: capacity)
    return running
  }()
  nonisolated(unsafe) private static let former = {
    let former = UnsafeMutablePointer<sigaction>.allocate(capacity: signals.count)
    former.initialize(repeating: sigaction(), count: signals.count)
    return former
  }()
  private static let signals = [SIGILL, SIGTRAP, SIGSEGV]
  private static let taken = Locked([Bool](repeating: false, count: capacity))
  private static let isInstalled = install()

  private let place: Int

  init(name: String, seed: UInt64) {
    precondition(FuzzNote.isInstalled, "the system refused a signal handler")
    place = FuzzNote.taken.withLock { taken in
      guard let place = taken.firstIndex(of: false) else {
        preconditionFailure("more fuzz tests are running than can be noted")
      }
      taken[place] = true
      return place
    }
    FuzzNote.running[place] = Running(thread: pthread_self(), name: strdup(name), seed: seed)
  }

  deinit {
    let name = FuzzNote.running[place].name
    FuzzNote.running[place] = Running()
    free(name)
    FuzzNote.taken.withLock { $0[place] = false }
  }

  var step: Int {
    get { FuzzNote.running[place].step }
    set { FuzzNote.running[place].step = newValue }
  }

  /// Writes to standard error, past every buffer.
  static func say(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      guard let base = bytes.baseAddress else { return }
      writeAll(base, count: bytes.count)
    }
  }

  private static func install() -> Bool {
    for (index, signal) in signals.enumerated() {
      var action = sigaction()
      #if canImport(Darwin)
        action.__sigaction_u.__sa_handler = { FuzzNote.write(signal: $0) }
      #else
        action.__sigaction_handler.sa_handler = { FuzzNote.write(signal: $0) }
      #endif
      guard sigaction(signal, &action, former + index) == 0 else { return false }
    }
    return true
  }

  /// Writes what the thread was running, then lets the signal take its former course.
  private static func write(signal: Int32) {
    for place in 0..<capacity {
      guard let thread = running[place].thread, pthread_equal(thread, pthread_self()) != 0,
        let name = running[place].name
      else { continue }
      write("a fuzz test dies: ")
      writeAll(UnsafeRawPointer(name).assumingMemoryBound(to: UInt8.self), count: strlen(name))
      write(", LAMBDA_CACHE_FUZZ_SEED=")
      write(running[place].seed)
      write(", step ")
      write(UInt64(running[place].step))
      write("\n")
    }
    for index in 0..<3 where (index == 0 ? SIGILL : index == 1 ? SIGTRAP : SIGSEGV) == signal {
      _ = sigaction(signal, former + index, nil)
    }
  }

  private static func write(_ text: StaticString) {
    writeAll(text.utf8Start, count: text.utf8CodeUnitCount)
  }

  private static func write(_ number: UInt64) {
    if number >= 10 { write(number / 10) }
    var digit = UInt8(ascii: "0") + UInt8(number % 10)
    writeAll(&digit, count: 1)
  }

  private static func writeAll(_ bytes: UnsafePointer<UInt8>, count: Int) {
    #if canImport(Glibc)
      _ = Glibc.write(STDERR_FILENO, bytes, count)
    #elseif canImport(Musl)
      _ = Musl.write(STDERR_FILENO, bytes, count)
    #elseif canImport(Darwin)
      _ = Darwin.write(STDERR_FILENO, bytes, count)
    #endif
  }
}
