import ArgumentParser
import Foundation

/// One environment of a fleet: what a play with several starts in processes of their own.
struct EnvironmentCommand: AsyncParsableCommand {
  static let name = "environment"

  static let configuration = CommandConfiguration(
    commandName: name,
    abstract: "Play the turns on standard input and print the figures as JSON.",
    shouldDisplay: false)

  @Option var mode: FleetMode
  @Option var database: String
  @Option var databaseLatency: Latency
  @Option var tier: String?

  func run() async throws {
    let environment = FleetEnvironment(
      mode: mode, databaseLatency: databaseLatency.nanoseconds, tierAddress: tier)
    let result = try await environment.play(
      input: STDIN_FILENO, databasePath: database,
      environment: ProcessInfo.processInfo.environment
    ) {
      try FileHandle.standardOutput.write(contentsOf: [FleetEnvironment.turnEnd])
    }
    try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(result))
  }
}

extension FleetMode: ExpressibleByArgument {}
