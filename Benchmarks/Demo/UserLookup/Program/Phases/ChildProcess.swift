#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Starts processes, and waits for their end.
///
/// `posix_spawn` rather than Foundation's `Process`: that one moves its child into a process group
/// of its own, where the terminal's interrupt would not reach it.
enum ChildProcess {
  /// Waits for the end of a process.
  ///
  /// - Returns: Its wait status.
  static func wait(for process: pid_t) throws -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { throw PhaseError.process(step: "be waited for", number: errno) }
    }
    return status
  }

  /// Throws unless a wait status is that of a process that has succeeded.
  ///
  /// - Parameters:
  ///   - status: The wait status.
  ///   - label: What the process did, in words.
  static func check(_ status: Int32, of label: String) throws {
    // The two halves of a wait status: the signal in the low seven bits, the exit code above.
    guard status & 0x7F == 0 else { throw PhaseError.killed(label, signal: status & 0x7F) }
    guard status >> 8 == 0 else {
      throw PhaseError.failed(label, status: (status >> 8) & 0xFF)
    }
  }

  /// Starts a process.
  ///
  /// - Parameters:
  ///   - arguments: Its arguments; the first is the path of the program.
  ///   - environment: Its variables, each as `NAME=value`.
  ///   - input: What becomes its standard input.
  ///   - output: What becomes its standard output.
  ///   - closing: Descriptors that it must not have.
  static func spawn(
    arguments: [String], environment: [String], input: Int32, output: Int32, closing: [Int32] = []
  ) throws -> pid_t {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    // Threads of tasks block signals, which a shell needs to see its children end.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    for descriptor in Set([input, output] + closing) where descriptor > STDERR_FILENO {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }
    var process: pid_t = 0
    let result = withCStrings(arguments) { arguments in
      withCStrings(environment) { environment in
        posix_spawn(&process, arguments[0]!, &actions, &attributes, arguments, environment)
      }
    }
    guard result == 0 else { throw PhaseError.process(step: "start", number: result) }
    return process
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = strings.map { strdup($0) }
    defer {
      for copy in copies {
        free(copy)
      }
    }
    return body(copies + [nil])
  }
}
