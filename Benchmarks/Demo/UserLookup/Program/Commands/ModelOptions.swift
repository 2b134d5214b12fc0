import ArgumentParser

/// A database behind a network, on the command line.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The time that a read over the network takes: added to the figures for each database read, \
      nothing waits for it. As 500us or 2ms; 0 leaves the model out.
      """, valueName: "duration"))
  var databaseLatency = Latency(nanoseconds: 2_000_000)

  @Option(
    help: ArgumentHelp("The price of a million database reads.", valueName: "dollars"))
  var millionReads = 0.125

  @Option(
    help: ArgumentHelp(
      "How many requests a second the modelled function gets.", valueName: "requests"))
  var rate = 100.0

  func validate() throws {
    guard (0...1_000_000).contains(millionReads) else {
      throw ValidationError("--million-reads is \(millionReads); it must be from 0 to 1000000.")
    }
    guard rate > 0, rate <= 1_000_000 else {
      throw ValidationError("--rate is \(rate); it must be above 0 and at most 1000000.")
    }
  }

  /// The model; `nil` if it is left out.
  var model: NetworkModel? {
    guard databaseLatency.nanoseconds > 0 else { return nil }
    return NetworkModel(
      readLatency: databaseLatency.nanoseconds, millionReadsPrice: millionReads,
      requestsPerSecond: rate)
  }
}
