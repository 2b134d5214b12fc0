/// A command of an operation.
enum TierCommand: Sendable {
  case plain(String, [[UInt8]])
  case script(Script, keys: [[UInt8]], arguments: [[UInt8]])

  /// Appends the command as it is sent.
  ///
  /// - Parameter isFirst: Whether a script is sent whole, because the server does not know it.
  func append(to commands: inout RESPCommands, isFirst: Bool) {
    switch self {
    case .plain(let name, let arguments): commands.append(name, arguments: arguments)
    case .script(let script, let keys, let arguments):
      commands.append(
        isFirst ? "EVAL" : "EVALSHA", isFirst ? script.text : script.digest, String(keys.count),
        arguments: keys + arguments)
    }
  }
}

extension ValkeyClient {
  /// Sends commands in one round trip, and scripts that the server does not know in another.
  ///
  /// - Returns: As many replies as commands, none of them an error.
  func perform(_ operation: [TierCommand], within limit: Duration) async throws -> [RESPValue] {
    let start = ContinuousClock.now
    var commands = RESPCommands()
    for command in operation { command.append(to: &commands, isFirst: false) }
    var replies = try await exchange(commands, within: limit)
    let unknown = replies.indices.filter { replies[$0].isUnknownScript }
    if !unknown.isEmpty {
      commands = RESPCommands()
      for index in unknown { operation[index].append(to: &commands, isFirst: true) }
      let more = try await exchange(commands, within: limit - (ContinuousClock.now - start))
      for (index, reply) in zip(unknown, more) { replies[index] = reply }
    }
    for case .error(let text) in replies { throw ValkeyError(reply: text) }
    return replies
  }
}

extension RESPValue {
  fileprivate var isUnknownScript: Bool {
    if case .error(let text) = self { text.starts(with: "NOSCRIPT".utf8) } else { false }
  }
}
