import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The environments of a function, which take turns with the requests that each is given.
///
/// As many have a turn at the same time as the machine has processors: each environment of a real
/// function has one of its own, and must not wait here for the processor of another.
struct Fleet {
  /// The requests of a turn, on average.
  static let turnLength = 32

  let mode: FleetMode
  let count: Int
  let databaseLatency: Int
  let databasePath: String
  let environment: [String: String]
  /// The server of the tier; `nil` in modes without one.
  let tierAddress: String?
  var processorCount = ProcessInfo.processInfo.activeProcessorCount

  /// Plays a stream.
  ///
  /// - Parameters:
  ///   - stream: The requests.
  ///   - seed: The seed by which they are dealt to environments.
  /// - Throws: `PhaseError` if an environment has no result.
  func play(_ stream: inout RequestStream, seed: UInt64) throws -> FleetResult {
    var arguments = [
      EnvironmentCommand.name, "--mode", mode.rawValue, "--database", databasePath,
      "--database-latency", "\(databaseLatency)ns",
    ]
    if let tierAddress { arguments += ["--tier", tierAddress] }
    let processes = try (0..<count).map { _ in
      try EnvironmentProcess(arguments: arguments, environment: environment, label: mode.label)
    }
    try stream.rewind()
    var reader = WordReader(descriptor: stream.descriptor)
    var dealer = Dealer(count: count, seed: seed)
    var progress = ProgressLine(mode.label, total: stream.count)
    var done = 0
    while done < stream.count {
      var block: [UInt32] = []
      while block.count < count * Self.turnLength, let user = try reader.next() {
        block.append(user)
      }
      guard !block.isEmpty else {
        throw PhaseError.incomplete(requests: done, expected: stream.count)
      }
      try takeTurns(processes, with: dealer.deal(block))
      done += block.count
      progress.update(done: done)
    }
    return FleetResult(mode: mode, environments: try processes.map { try $0.finish() })
  }

  /// Lets each environment answer the requests that it was dealt.
  private func takeTurns(_ processes: [EnvironmentProcess], with hands: [[UInt32]]) throws {
    var waiting = hands.indices.filter { !hands[$0].isEmpty }[...]
    var playing: [Int] = []
    while !waiting.isEmpty || !playing.isEmpty {
      while playing.count < processorCount, let next = waiting.popFirst() {
        try processes[next].begin(turn: hands[next])
        playing.append(next)
      }
      var entries = playing.map {
        pollfd(fd: processes[$0].descriptor, events: Int16(POLLIN), revents: 0)
      }
      guard poll(&entries, nfds_t(entries.count), -1) > 0 else {
        guard errno == EINTR else { throw PhaseError.process(step: "be waited for", number: errno) }
        continue
      }
      for (place, entry) in zip(playing, entries) where entry.revents != 0 {
        try processes[place].endTurn()
        playing.removeAll { $0 == place }
      }
    }
  }
}
