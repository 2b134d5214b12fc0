import ArgumentParser
import Testing

@testable import UserLookup

@Suite("A latency on the command line")
struct LatencyTests {
  @Test(
    "A latency on the command line is a number with a unit",
    arguments: [
      ("0", 0), ("0ns", 0), ("15ns", 15), ("1.5us", 1500), ("2µs", 2000), ("2ms", 2_000_000),
      ("0.25s", 250_000_000), ("60s", 60_000_000_000),
    ])
  func accepted(argument: String, nanoseconds: Int) {
    #expect(Latency(argument: argument)?.nanoseconds == nanoseconds)
  }

  @Test(
    "A text that is not a number with a unit is no latency",
    arguments: ["", "2", "ms", "-1ms", "2m", "2 h", "1e400s", "nans", "infs", "61s", "2ms2ms"])
  func refused(argument: String) {
    #expect(Latency(argument: argument) == nil)
  }
}

@Suite("The function's memory")
struct FunctionMemoryTests {
  private static let variable = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"

  @Test("The function's memory comes from the option, the variable or the smallest setting")
  func sources() throws {
    let set = [Self.variable: "512"]
    #expect(try FunctionMemory(option: 256, environment: set).megabytes == 256)
    #expect(try FunctionMemory(option: nil, environment: set).megabytes == 512)
    #expect(try FunctionMemory(option: nil, environment: [:]).megabytes == 128)
  }

  @Test(
    "The function's memory is refused when Lambda does not offer it",
    arguments: ["", "abc", "127", "10241", "1.5"])
  func refusedVariables(value: String) {
    #expect(throws: FunctionMemoryError(source: Self.variable, value: value)) {
      try FunctionMemory(option: nil, environment: [Self.variable: value])
    }
  }

  @Test(
    "A function's memory that Lambda does not offer is refused as an option as well",
    arguments: [-1, 0, 127, 10_241])
  func refusedOptions(value: Int) {
    #expect(throws: FunctionMemoryError(source: "--memory", value: String(value))) {
      try FunctionMemory(option: value, environment: [Self.variable: "512"])
    }
  }
}

@Suite("The model on the command line")
struct ModelOptionTests {
  @Test("The model on the command line is there by default, and left out without a latency")
  func defaults() throws {
    let model = try #require(try ModelOptions.parse([]).model)
    #expect(
      model
        == NetworkModel(
          readLatency: 2_000_000, millionReadsPrice: 0.125, requestsPerSecond: 100))
    #expect(try ModelOptions.parse(["--database-latency", "0"]).model == nil)
  }

  @Test("The model on the command line takes latency, price and rate")
  func given() throws {
    let model = try ModelOptions.parse([
      "--database-latency", "500us", "--million-reads", "1.5", "--rate", "0.5",
    ]).model
    #expect(
      model
        == NetworkModel(readLatency: 500_000, millionReadsPrice: 1.5, requestsPerSecond: 0.5))
  }

  @Test(
    "The model on the command line refuses prices and rates that cannot be",
    arguments: [
      ["--million-reads", "-1"], ["--million-reads", "nan"], ["--rate", "0"], ["--rate", "inf"],
    ])
  func refused(arguments: [String]) {
    #expect(throws: (any Error).self) { try ModelOptions.parse(arguments) }
  }
}
