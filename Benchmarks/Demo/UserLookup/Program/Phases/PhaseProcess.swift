import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs a phase in a fresh process of this program, so that its peak memory is its own.
///
/// `posix_spawn` rather than Foundation's `Process`: that one moves its child into a process group
/// of its own, where the terminal's interrupt would not reach it.
enum PhaseProcess {
  /// Runs a phase and waits for its result.
  ///
  /// - Parameters:
  ///   - phase: What to play.
  ///   - stream: The requests; becomes the process's standard input.
  ///   - databasePath: The database of users.
  ///   - environment: The process's variables.
  /// - Throws: `PhaseError` when it has no result.
  static func run(
    _ phase: Phase, stream: inout RequestStream, databasePath: String,
    environment: [String: String]
  ) throws -> PhaseResult {
    guard let executable = Bundle.main.executablePath else {
      throw PhaseError.process(step: "find its program", number: ENOENT)
    }
    try stream.rewind()
    let arguments = [
      executable, PhaseCommand.name,
      "--mode", phase.mode.rawValue, "--requests", String(phase.requestCount),
      "--database", databasePath, "--database-latency", "\(phase.databaseLatency)ns",
    ]
    let (output, status) = try run(
      arguments: arguments, environment: environment.map { "\($0.key)=\($0.value)" },
      input: stream.descriptor)
    // The two halves of a wait status: the signal in the low seven bits, the exit code above.
    guard status & 0x7F == 0 else {
      throw PhaseError.killed(phase.mode, signal: status & 0x7F)
    }
    guard status >> 8 == 0 else {
      throw PhaseError.failed(phase.mode, status: (status >> 8) & 0xFF)
    }
    do {
      return try JSONDecoder().decode(PhaseResult.self, from: output)
    } catch is DecodingError {
      throw PhaseError.unreadable(phase.mode)
    }
  }

  private static func run(
    arguments: [String], environment: [String], input: Int32
  ) throws -> (output: Data, status: Int32) {
    let pipe = Pipe()
    let process = try spawn(
      arguments: arguments, environment: environment, input: input,
      output: pipe.fileHandleForWriting.fileDescriptor,
      closing: pipe.fileHandleForReading.fileDescriptor)
    try pipe.fileHandleForWriting.close()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { throw PhaseError.process(step: "be waited for", number: errno) }
    }
    return (output, status)
  }

  private static func spawn(
    arguments: [String], environment: [String], input: Int32, output: Int32, closing: Int32
  ) throws -> pid_t {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
    #else
      var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    for descriptor in [input, output, closing] where descriptor > STDERR_FILENO {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }
    var process: pid_t = 0
    let result = withCStrings(arguments) { arguments in
      withCStrings(environment) { environment in
        posix_spawn(&process, arguments[0]!, &actions, nil, arguments, environment)
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
