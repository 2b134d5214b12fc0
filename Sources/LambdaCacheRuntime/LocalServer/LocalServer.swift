/// Lambda's place taken on a developer's machine: an HTTP server that makes each posted event an
/// invocation, one after the other, and answers with what the handler answers.
///
/// Like the client of the Runtime API it has a thread of its own. Between invocations the thread waits
/// for all connections at once; while a handler runs, requests wait in the system's buffers.
actor LocalServer: InvocationChannel {
  /// The invocation in progress, and how its client is to be answered.
  struct Exchange {
    let connection: LocalConnection
    let requestID: String
    let keepsConnection: Bool
    /// Whether the client understands chunks; to others the end of the connection is the body's.
    let takesChunks: Bool
    let limit: ExchangeLimit
  }

  private let thread: IOThread
  private let listener: ListeningSocket
  private let options: LocalServerOptions
  private let function: LambdaFunctionInfo
  let timeouts: Timeouts
  private let stops: [StopSignal]
  /// Where events are posted to, as a URI.
  nonisolated let location: String

  /// Those with the latest activity last.
  private var connections: [LocalConnection] = []
  var exchange: Exchange?
  var stream = ResponseStream()

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    thread.executor.asUnownedSerialExecutor()
  }

  private static let maximumConnectionCount = 64
  private static let limits = HTTPLimits(bodyByteCount: LambdaRuntime.maximumPayloadByteCount)
  /// What Lambda allows at most, in milliseconds; here nothing ends a handler when it is over.
  private static let invocationMilliseconds: Int64 = 900_000

  /// Starts to listen.
  ///
  /// - Throws: `LambdaRuntimeError` when the port is taken, or the host is not this machine.
  init(
    options: LocalServerOptions, function: LambdaFunctionInfo, timeouts: Timeouts,
    stops: [StopSignal]
  ) throws(LambdaRuntimeError) {
    let host = options.host.utf8.contains(UInt8(ascii: ":")) ? "[\(options.host)]" : options.host
    do throws(TransportError) {
      listener = try ListeningSocket(host: options.host, port: options.port)
    } catch {
      throw LambdaRuntimeError(
        operation: .listen, reason: .systemFailure("\(host):\(options.port): \(error.reason)"))
    }
    do throws(SystemError) {
      thread = try IOThread()
    } catch {
      throw LambdaRuntimeError(.start, .failed(error))
    }
    location = "http://\(host):\(listener.port)\(options.path)"
    self.options = options
    self.function = function
    self.timeouts = timeouts
    self.stops = stops
  }
}

// MARK: - Next

extension LocalServer {
  func next() throws(LambdaRuntimeError) -> Invocation? {
    do throws(SystemError) {
      // What was posted behind an earlier request is here already, and no wait would tell of it.
      for connection in connections {
        if let invocation = act(on: connection, connection.parse()) { return invocation }
      }
      while let active = try waitForActivity() {
        for connection in active {
          if let invocation = act(on: connection, connection.receive()) {
            return invocation
          }
        }
      }
      return nil
    } catch {
      throw LambdaRuntimeError(.next, .failed(error))
    }
  }

  /// Waits until something arrives, and takes new connections.
  ///
  /// - Returns: The connections on which something arrived, or `nil` when a stop signal has fired.
  private func waitForActivity() throws(SystemError) -> [LocalConnection]? {
    let waiting = connections
    let isReady = try FileDescriptor.waitForAny(
      stops.map(\.descriptor) + waiting.map(\.socket.descriptor) + [listener.descriptor])
    if isReady.prefix(stops.count).contains(true) { return nil }
    if isReady.last == true { try takeConnection() }
    return zip(waiting, isReady.dropFirst(stops.count)).filter(\.1).map(\.0)
  }

  private func takeConnection() throws(SystemError) {
    guard let socket = try listener.accept() else { return }
    do throws(SystemError) {
      try socket.configure(inactivity: timeouts.inactivity)
    } catch {
      // The client has gone again.
      return
    }
    if connections.count == Self.maximumConnectionCount { connections.removeFirst() }
    connections.append(LocalConnection(socket, limits: Self.limits))
  }

  /// Does what a connection's input asks for.
  ///
  /// - Returns: The invocation that it asks for, if it does.
  private func act(
    on connection: LocalConnection, _ outcome: LocalConnection.Outcome
  ) -> Invocation? {
    var outcome = outcome
    while true {
      switch outcome {
      case .waiting:
        return nil
      case .awaitingPermission:
        permitBody(on: connection)
        return nil
      case .request(let request):
        connections.removeAll { $0 === connection }
        connections.append(connection)
        if let invocation = admit(request, on: connection) { return invocation }
        outcome = connection.parse()
      case .fault(let fault):
        refuse(fault, on: connection)
        return nil
      case .closed:
        drop(connection)
        return nil
      }
    }
  }

  func drop(_ connection: LocalConnection) {
    connections.removeAll { $0 === connection }
  }

  /// Makes a request an invocation, or answers what it is instead.
  private func admit(
    _ request: HTTPServerRequest, on connection: LocalConnection
  ) -> Invocation? {
    guard request.head.path == options.path else {
      refuse(.notFound(path: options.path), request, on: connection)
      return nil
    }
    guard request.head.method == "POST" else {
      refuse(.methodNotAllowed, request, on: connection)
      return nil
    }
    let requestID = RequestID.random()
    exchange = Exchange(
      connection: connection, requestID: requestID, keepsConnection: request.keepsConnection,
      takesChunks: request.head.minorVersion >= 1, limit: newLimit())
    stream.begin(requestID)
    let context = LambdaContext(
      requestID: requestID,
      deadlineMilliseconds: LambdaContext.currentMilliseconds + Self.invocationMilliseconds,
      traceID: request.head.firstValue(named: "X-Amzn-Trace-Id"),
      tenantID: request.head.firstValue(named: "X-Amz-Tenant-Id"),
      function: function)
    TraceVariable.set(context.traceID)
    return Invocation(event: request.body, context: context)
  }

  func newLimit() -> ExchangeLimit {
    ExchangeLimit(
      total: .milliseconds(Self.invocationMilliseconds), inactivity: timeouts.inactivity)
  }
}
