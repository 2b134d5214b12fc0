import ArgumentParser
import Foundation
import LambdaCache

/// The measurements that need a process of their own.
enum MemoryProbe: String, CaseIterable, ExpressibleByArgument, Sendable {
  case structure
  case structureWithTimeToLive
  case adaptiveStructure
  case adaptiveStructureWithTimeToLive
  case byteLimit
  case emptyCaches
  case allocations

  /// Measures in this process.
  func measure() async throws -> [String: Double] {
    switch self {
    case .structure: try StructureProbe().figures()
    case .structureWithTimeToLive: try StructureProbe(timeToLive: .seconds(3_600)).figures()
    case .adaptiveStructure: try StructureProbe(policy: .adaptive).figures()
    case .adaptiveStructureWithTimeToLive:
      try StructureProbe(timeToLive: .seconds(3_600), policy: .adaptive).figures()
    case .byteLimit: try ByteLimitProbe().figures()
    case .emptyCaches: EmptyCacheProbe().figures()
    case .allocations: try await AllocationProbe().figures()
    }
  }

  /// Measures in a fresh process of this program.
  ///
  /// - Throws: ``MemoryProbeError``, and what starting a process or reading its answer throws.
  func run() throws -> [String: Double] {
    guard let executable = Bundle.main.executableURL else {
      throw MemoryProbeError.unreadable("the path of this program")
    }
    let process = Process()
    let pipe = Pipe()
    process.executableURL = executable
    process.arguments = [MemoryProbeCommand.name, rawValue]
    process.standardOutput = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw MemoryProbeError.failed(rawValue, status: process.terminationStatus)
    }
    return try JSONDecoder().decode([String: Double].self, from: output)
  }
}

/// The command that the program starts itself with.
struct MemoryProbeCommand: AsyncParsableCommand {
  static let name = "memory-probe"
  static let configuration = CommandConfiguration(
    commandName: name, abstract: "Takes one measurement of memory in this process.",
    shouldDisplay: false)

  @Argument(help: "What to measure.")
  var probe: MemoryProbe

  func run() async throws {
    FileHandle.standardOutput.write(try JSONEncoder().encode(await probe.measure()))
  }
}
