import ArgumentParser

/// A fleet of environments, on the command line.
struct FleetOptions: ParsableArguments {
  /// The environments of a fleet that can be asked for.
  static let accepted = 2...256

  @Option(
    help: ArgumentHelp(
      """
      Deal the requests to this many environments, each a process with a cache of its own, and \
      play them without cache, with caches, and with a tier behind the caches that all share.
      """, valueName: "count"))
  var environments: Int?

  @Option(
    help: ArgumentHelp(
      "The server of the tier, which must be empty. (default: one that is started for it)",
      valueName: "host:port"))
  var tier: String?

  @Option(
    help: ArgumentHelp(
      "Fail unless the tier saves at least this part of the database reads that caches leave.",
      valueName: "percent"))
  var goal: Double?

  func validate() throws {
    guard let environments else {
      if tier != nil || goal != nil {
        throw ValidationError("--tier and --goal are for several --environments.")
      }
      return
    }
    guard Self.accepted.contains(environments) else {
      throw ValidationError(
        """
        --environments is \(environments); it must be from \(Self.accepted.lowerBound) to \
        \(Self.accepted.upperBound).
        """)
    }
    if let goal {
      guard (0...100).contains(goal) else {
        throw ValidationError("--goal is \(goal); it must be from 0 to 100.")
      }
    }
  }
}
