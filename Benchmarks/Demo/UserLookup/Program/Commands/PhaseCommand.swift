import ArgumentParser
import Foundation
import LambdaCache

/// One phase of a play: what the play starts in a process of its own.
struct PhaseCommand: AsyncParsableCommand {
  static let name = "phase"

  static let configuration = CommandConfiguration(
    commandName: name,
    abstract: "Play the request stream on standard input and print the figures as JSON.",
    shouldDisplay: false)

  @Option var mode: PhaseMode
  @Option var requests: Int
  @Option var database: String
  @Option var databaseLatency: Latency

  func run() async throws {
    let phase = Phase(
      mode: mode, requestCount: requests, databaseLatency: databaseLatency.nanoseconds)
    let result = try await phase.play(
      descriptor: STDIN_FILENO, databasePath: database,
      environment: ProcessInfo.processInfo.environment)
    try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(result))
  }
}

extension PhaseMode: ExpressibleByArgument {}
