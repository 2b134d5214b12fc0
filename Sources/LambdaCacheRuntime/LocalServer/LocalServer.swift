internal import LambdaCacheTransport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Lambda's place taken on a developer's machine: an HTTP server that makes each posted event an
/// invocation, one after the other, and answers with what the handler answers.
///
/// Like the client of the Runtime API it has a thread of its own. Between invocations the thread
/// waits for all connections at once; while a handler runs, requests wait in the system's buffers.
/// A client that does not take its answer does not block others: the rest of it is kept until
/// it does.
actor LocalServer: InvocationChannel {
  /// The invocation in progress, and how its client is to be answered.
  struct Exchange {
    let connection: LocalConnection
    let requestID: String
    let keepsConnection: Bool
    /// Whether the client understands chunks; to others the end of the connection is the body's.
    let takesChunks: Bool
  }

  private let thread: IOThread
  let listener: ListeningSocket
  private let options: LocalServerOptions
  private let function: FunctionInfo
  let timeouts: Timeouts
  let stops: [StopSignal]
  /// The URI that events are posted to.
  nonisolated let location: String

  /// Those with the latest activity last.
  var connections: [LocalConnection] = []
  /// The time from which connections are accepted again, after the system had no descriptor for
  /// one.
  var acceptsAgain: SuspendingClock.Instant?
  var exchange: Exchange?
  var stream = ResponseStream()

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    thread.executor.asUnownedSerialExecutor()
  }

  static let maximumConnectionCount = 64
  static let limits = HTTPLimits(bodyByteCount: PayloadLimit.byteCount)
  /// The longest time that Lambda allows, in milliseconds; here nothing ends a handler after it.
  private static let invocationMilliseconds: Int64 = 900_000

  /// Starts to listen.
  ///
  /// - Throws: `LambdaRuntimeError` when the port is taken, or the host is not this machine.
  init(
    options: LocalServerOptions, function: FunctionInfo, timeouts: Timeouts,
    stops: [StopSignal]
  ) throws(LambdaRuntimeError) {
    let host = options.host.utf8.contains(UInt8(ascii: ":")) ? "[\(options.host)]" : options.host
    do throws(SocketError) {
      listener = try ListeningSocket(host: options.host, port: options.port)
    } catch {
      throw LambdaRuntimeError(
        operation: .listen,
        reason: .systemFailure("\(host):\(options.port): \(TransportError(error).reason.text)"))
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
      // Requests behind an earlier one have been received already, so that no wait would end for
      // them.
      for connection in connections where !connection.isSending {
        if let invocation = act(on: connection, connection.parse()) { return invocation }
      }
      while let active = try waitForActivity() {
        for connection in active where keeps(connection) {
          let outcome = connection.isSending ? flush(connection) : connection.receive()
          if let invocation = act(on: connection, outcome) { return invocation }
        }
      }
      try finishSending()
      return nil
    } catch {
      throw LambdaRuntimeError(.next, .failed(error))
    }
  }

  /// Handles the input of a connection.
  ///
  /// - Returns: The invocation that it requests, if any.
  private func act(
    on connection: LocalConnection, _ outcome: LocalConnection.Outcome
  ) -> Invocation? {
    var outcome = outcome
    while true {
      switch outcome {
      case .waiting:
        return nil
      case .awaitingPermission(let head):
        if let refusal = refusal(of: head) {
          // The body may follow all the same (RFC 9110, section 10.1.1).
          refuse(refusal, head, on: connection, keeps: false)
        } else {
          permitBody(on: connection)
        }
        return nil
      case .request(let request):
        guard let index = connections.firstIndex(where: { $0 === connection }) else { return nil }
        connections.append(connections.remove(at: index))
        if let invocation = admit(request, on: connection) { return invocation }
        if connection.isSending { return nil }
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

  /// Sends more of an answer.
  ///
  /// - Returns: The request behind the one that is answered, if all has been sent.
  private func flush(_ connection: LocalConnection) -> LocalConnection.Outcome {
    do throws(SystemError) {
      try connection.flush(patience: timeouts.inactivity)
    } catch {
      return .closed
    }
    return connection.isSending ? .waiting : connection.parse()
  }

  /// Gives clients a last time to take their answers.
  private func finishSending() throws(SystemError) {
    let end = SuspendingClock.now + timeouts.lastAnswers
    while case let sending = connections.filter(\.isSending), !sending.isEmpty {
      let isReady = try FileDescriptor.waitForAny(
        sending.map { ($0.socket.descriptor, POLLOUT) }, until: end)
      guard isReady.contains(true) else { return }
      for (connection, isReady) in zip(sending, isReady) where isReady {
        if case .closed = flush(connection) { drop(connection) }
      }
    }
  }

  /// The reason why a request is not for the function; `nil` if it is.
  private func refusal(of head: HTTPRequestHead) -> Refusal? {
    for authority in [head.targetAuthority, head.firstValue(named: "Host")] {
      guard let authority else { continue }
      guard let host = LocalHosts.host(of: authority) else { return .malformedHost(authority) }
      guard options.hosts.allow(host) else { return .misdirected(authority) }
    }
    if let origin = head.firstValue(named: "Origin"), !options.hosts.allowPages(of: origin) {
      return .foreignPage(origin)
    }
    guard head.path == options.path else { return .notFound(path: options.path) }
    return head.method == "POST" ? nil : .methodNotAllowed
  }

  /// Makes a request an invocation, or refuses it.
  private func admit(
    _ request: HTTPServerRequest, on connection: LocalConnection
  ) -> Invocation? {
    if let refusal = refusal(of: request.head) {
      refuse(refusal, request.head, on: connection, keeps: request.keepsConnection)
      return nil
    }
    let requestID = RequestID.random()
    exchange = Exchange(
      connection: connection, requestID: requestID, keepsConnection: request.keepsConnection,
      takesChunks: request.head.minorVersion >= 1)
    stream.begin(requestID)
    let context = LambdaContext(
      requestID: requestID,
      deadlineMilliseconds: LambdaContext.currentMilliseconds + Self.invocationMilliseconds,
      traceID: request.head.firstValue(named: "X-Amzn-Trace-Id"), invokedFunctionARN: nil,
      clientContext: nil, cognitoIdentity: nil,
      tenantID: request.head.firstValue(named: "X-Amz-Tenant-Id"), function: function)
    TraceVariable.set(context.traceID)
    return Invocation(event: request.body, context: context)
  }
}
