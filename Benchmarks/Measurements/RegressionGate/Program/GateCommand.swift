import AllocationCounter
import ArgumentParser

/// The program that the regression gate counts: one operation, a given number of times.
@main
struct GateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "RegressionGate",
    abstract: "Runs one operation many times, for Benchmarks/run RegressionGate to count.",
    subcommands: [ListCommand.self, RunCommand.self, AllocationsCommand.self])
}

/// Prints the operations.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Prints the names of the operations, and how many of each are in a pass.")

  func run() {
    for operation in GateOperation.allCases {
      print(operation.rawValue, operation.operationsPerPass)
    }
  }
}

/// Does an operation.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Does an operation: the difference of two counts is the operation's alone.")

  @Argument(help: "The operation.")
  var operation: GateOperation

  @Argument(help: "How many passes over all caches.")
  var passes: Int

  func run() {
    _ = operation.run(passes: passes)
  }
}

/// Counts what an operation asks of the allocator.
struct AllocationsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "allocations",
    abstract: "Prints the allocations of an operation, or nothing where they are not counted.")

  @Argument(help: "The operation.")
  var operation: GateOperation

  func run() {
    guard allocation_counter_is_available() else { return }
    let passes = 4
    print(Double(operation.run(passes: passes)) / Double(passes * operation.operationsPerPass))
  }
}

extension GateOperation: ExpressibleByArgument {}
