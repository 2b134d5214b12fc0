import ArgumentParser
import PlannerCore

/// Prices on the command line.
struct PriceOptions: ParsableArguments {
  @Flag(help: "The price of x86_64 instead of arm64.")
  var x86 = false

  @Option(help: "Dollars for a GB-second. (default: the list price of the processor)")
  var gbSecond: Double?

  @Option(help: "Dollars for a million requests of the function.")
  var millionRequests = 0.20

  @Option(help: "Dollars for a million reads of the database, as DynamoDB's on demand.")
  var millionReads = 0.125

  @Option(help: "Dollars for an hour of a shared cache node.")
  var nodeHour = 0.016

  @Option(help: "Dollars for an hour of an instance, on Managed Instances.")
  var instanceHour = 0.0816

  @Option(help: ArgumentHelp("The memory of such an instance.", valueName: "MB"))
  var instanceMemory = 8192

  func validate() throws {
    for (name, price) in [
      ("gb-second", gbSecond ?? 0), ("million-requests", millionRequests),
      ("million-reads", millionReads), ("node-hour", nodeHour), ("instance-hour", instanceHour),
    ] {
      guard (0...1_000_000).contains(price) else {
        throw ValidationError("--\(name) is \(price); it must be from 0 to 1000000.")
      }
    }
    guard (1024...33_554_432).contains(instanceMemory) else {
      throw ValidationError(
        "--instance-memory is \(instanceMemory); it must be from 1024 to 33554432.")
    }
  }

  /// The prices for a function that takes so many invocations at once in one environment.
  func prices(concurrency: Int) -> Prices {
    var prices = Prices()
    prices.perGigabyteSecond =
      gbSecond ?? (x86 ? Prices.x86GigabyteSecond : Prices.armGigabyteSecond)
    prices.perMillionRequests = millionRequests
    prices.perMillionReads = millionReads
    prices.perNodeHour = nodeHour
    if concurrency > 1 {
      var instances = InstancePrices()
      instances.perHour = instanceHour
      instances.megabytes = instanceMemory
      prices.instances = instances
    }
    return prices
  }
}
