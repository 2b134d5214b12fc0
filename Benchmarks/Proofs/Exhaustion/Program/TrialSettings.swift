import LambdaCache

/// The settings of a trial in the environment.
struct TrialSettings {
  /// The store of the values.
  enum Keeper: String, CaseIterable {
    case cache
    case naive
    case none
  }

  var keeper = Keeper.cache

  /// The rounds of work that an invocation does before it touches memory, about 1.4 ns each.
  var workRounds = 500_000

  /// One invocation in so many has a spike.
  var spikeInterval = 100

  /// A spike takes less than this: 30 % of the function's memory.
  let spikeLimit: Int

  init(environment: [String: String]) throws {
    let megabytes = environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"].flatMap { Int($0) } ?? 128
    spikeLimit = (megabytes << 20) * 3 / 10
    if let name = environment["EXHAUSTION_KEEPER"] {
      guard let keeper = Keeper(rawValue: name) else {
        throw MalformedSetting(
          name: "EXHAUSTION_KEEPER", value: name,
          accepted: Keeper.allCases.map(\.rawValue).joined(separator: ", "))
      }
      self.keeper = keeper
    }
    workRounds = try Self.count("EXHAUSTION_WORK", environment, from: 0) ?? workRounds
    spikeInterval = try Self.count("EXHAUSTION_SPIKES", environment, from: 1) ?? spikeInterval
  }

  private static func count(
    _ name: String, _ environment: [String: String], from least: Int
  ) throws -> Int? {
    guard let text = environment[name] else { return nil }
    guard let count = Int(text), count >= least else {
      throw MalformedSetting(
        name: name, value: text, accepted: "a whole number, at least \(least)")
    }
    return count
  }
}

/// A variable of the trial has a value that cannot be used.
struct MalformedSetting: Error, CustomStringConvertible {
  let name: String
  let value: String
  let accepted: String

  var description: String { "\(name) is '\(value)'; accepted: \(accepted)" }
}
