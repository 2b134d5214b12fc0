import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs a phase in a fresh process of this program, so that its peak memory is its own.
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
    try ChildProcess.check(status, of: phase.mode.label)
    do {
      return try JSONDecoder().decode(PhaseResult.self, from: output)
    } catch is DecodingError {
      throw PhaseError.unreadable(phase.mode.label)
    }
  }

  private static func run(
    arguments: [String], environment: [String], input: Int32
  ) throws -> (output: Data, status: Int32) {
    let pipe = Pipe()
    let process = try ChildProcess.spawn(
      arguments: arguments, environment: environment, input: input,
      output: pipe.fileHandleForWriting.fileDescriptor,
      closing: [pipe.fileHandleForReading.fileDescriptor])
    try pipe.fileHandleForWriting.close()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    return (output, try ChildProcess.wait(for: process))
  }
}
