internal import LambdaCache
internal import LambdaCacheTransport

/// Makes a connection, on a thread that may block.
struct Connector {
  let endpoint: Endpoint
  let options: ValkeyOptions
  /// The name that the server lists the connection by.
  let name: String
  private let end: Int64

  init(endpoint: Endpoint, options: ValkeyOptions, name: String) {
    self.endpoint = endpoint
    self.options = options
    self.name = name
    end = SystemClocks.monotonic + options.connectLimit.nanoseconds
  }

  /// Connects and authenticates.
  func connect() throws(ValkeyError) -> OpenConnection {
    let login = try options.credentials.map { credentials throws(ValkeyError) in
      Login(userName: credentials.userName, password: try makePassword(credentials.password))
    }
    var connection = OpenConnection(transport: options.transport(), parser: RESPParser())
    do {
      try checkTime()
      try connection.transport.connect(
        to: endpoint, within: .nanoseconds(end - SystemClocks.monotonic))
      try greet(&connection, login)
      return connection
    } catch {
      connection.transport.close()
      throw error as? ValkeyError ?? .unreachable("\(endpoint): \(error)")
    }
  }

  private struct Login {
    let userName: String
    let password: String

    /// A reply without the password: it may repeat the words of a command that the server does not
    /// know.
    func hidden(in reply: [UInt8]) -> [UInt8] { reply.hiding(Array(password.utf8)) }
  }

  private func makePassword(
    _ password: ValkeyCredentials.Password
  ) throws(ValkeyError) -> String {
    let make: @Sendable () async throws -> String
    switch password {
    case .constant(let text): return text()
    case .made(let closure): make = closure
    }
    let made: String?
    do {
      made = try WaitingThread.run(until: end, make)
    } catch {
      throw .notAuthenticated("no password could be made: \(error)")
    }
    guard let made else {
      throw .notAuthenticated("no password was made within \(options.connectLimit)")
    }
    return made
  }

  /// Chooses version 3 of the protocol; a server that does not know it goes on with version 2.
  private func greet(_ connection: inout OpenConnection, _ login: Login?) throws {
    var commands = RESPCommands()
    let words = login.map { ["AUTH", $0.userName, $0.password] } ?? []
    commands.append(
      "HELLO", "3", arguments: (words + ["SETNAME", name]).map { Array($0.utf8) })
    guard case .error(let refusal) = try exchange(commands, on: &connection)[0] else { return }
    let isUnknown =
      refusal.starts(with: "ERR unknown command".utf8) || refusal.starts(with: "NOPROTO".utf8)
    guard isUnknown else {
      throw ValkeyError(reply: login?.hidden(in: refusal) ?? refusal)
    }
    commands = RESPCommands()
    if let login {
      // The form with a name is as old as HELLO.
      let words =
        login.userName == "default" ? [login.password] : [login.userName, login.password]
      commands.append("AUTH", arguments: words.map { Array($0.utf8) })
    }
    commands.append("CLIENT", "SETNAME", name)
    let replies = try exchange(commands, on: &connection)
    // The name is of no importance.
    if let login, case .error(let refusal) = replies[0] {
      let text = login.hidden(in: refusal)
      throw ValkeyError.notAuthenticated(String(decoding: text.prefix(1024), as: UTF8.self))
    }
  }

  /// Sends commands and waits for their replies.
  private func exchange(
    _ commands: RESPCommands, on connection: inout OpenConnection
  ) throws -> [RESPValue] {
    let transport = connection.transport
    var unsent = commands.bytes[...]
    while !unsent.isEmpty {
      try checkTime()
      if let count = try unsent.withUnsafeBytes({ try transport.write($0) }) {
        unsent = unsent.dropFirst(count)
      } else {
        try wait(for: transport, writes: true)
      }
    }
    var replies: [RESPValue] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
    defer { buffer.deallocate() }
    while replies.count < commands.count {
      try checkTime()
      guard let count = try transport.read(into: buffer) else {
        try wait(for: transport, writes: false)
        continue
      }
      guard count > 0 else { throw ValkeyError.unreachable("\(endpoint): closed by the server") }
      try read(buffer[..<count], into: &replies, &connection.parser)
    }
    return replies
  }

  private func read(
    _ bytes: Slice<UnsafeMutableRawBufferPointer>, into replies: inout [RESPValue],
    _ parser: inout RESPParser
  ) throws {
    let input = UnsafeRawBufferPointer(rebasing: bytes)
    var offset = 0
    do throws(RESPSyntaxError) {
      while let reply = try parser.next(in: input, from: &offset) {
        if case .push = reply { continue }
        replies.append(reply)
      }
    } catch {
      throw ValkeyError.malformedReply(error.description)
    }
  }

  private func checkTime() throws(ValkeyError) {
    guard SystemClocks.monotonic < end else {
      throw .unreachable("\(endpoint): no answer for \(options.connectLimit)")
    }
  }

  private func wait(for transport: any ValkeyTransport, writes: Bool) throws {
    _ = try Readiness.wait(for: transport.descriptor, writes: writes, until: end)
  }
}

extension [UInt8] {
  /// The same bytes with three stars in the place of a secret, wherever it occurs.
  func hiding(_ secret: [UInt8]) -> [UInt8] {
    guard !secret.isEmpty else { return self }
    var shown: [UInt8] = []
    var rest = self[...]
    while !rest.isEmpty {
      if rest.starts(with: secret) {
        shown += "***".utf8
        rest = rest.dropFirst(secret.count)
      } else {
        shown.append(rest.removeFirst())
      }
    }
    return shown
  }
}
