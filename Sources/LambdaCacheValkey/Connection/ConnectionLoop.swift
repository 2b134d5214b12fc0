internal import LambdaCache
internal import LambdaCacheTransport

/// The thread of a connection: it sends commands, matches replies to them by their order, and ends
/// waits whose time is up.
///
/// It waits in one `poll` for the connection, for new commands and for the next end of a limit.
/// While no reply is awaited it has no limit to wait for, so that nothing runs while the
/// environment is frozen. All of this object is used by that thread alone.
final class ConnectionLoop {
  enum Phase {
    case idle
    /// A thread of its own connects, which may block: callers are answered in time meanwhile.
    case connecting
    case open(OpenConnection)
  }

  let endpoint: Endpoint
  let options: ValkeyOptions
  let name: String
  let inbox: Inbox
  let status: ConnectionStatus
  var phase = Phase.idle
  /// Commands that are not sent, in order.
  var waiting: [Exchange] = []
  /// Commands whose replies are awaited, in order.
  var sent: [Exchange] = []
  /// The bytes of `sent` that are not written yet.
  var outgoing = OutgoingBytes()
  var backoff: Backoff
  /// The time before which no connection is made, and the reason.
  var pauseEnd = Int64.min
  var lastFailure = ValkeyError.unreachable("not connected yet")
  /// The time of the last reply.
  var lastReply = Moment.now
  /// The time at which a connection that may be dead is given up.
  var doubtEnd = Int64.max
  /// Not after the first end of a limit.
  private var nextEnd = Int64.max
  /// Whether there may be bytes that `poll` does not see, in the transport itself.
  var mayHaveMore = false
  let buffer: UnsafeMutableRawBufferPointer

  private static let bufferByteCount = 65_536

  init(
    endpoint: Endpoint, options: ValkeyOptions, name: String, inbox: Inbox,
    status: ConnectionStatus
  ) {
    self.endpoint = endpoint
    self.options = options
    self.name = name
    self.inbox = inbox
    self.status = status
    backoff = Backoff(
      first: options.firstPause.nanoseconds, longest: options.longestPause.nanoseconds,
      choose: options.choosePause)
    buffer = .allocate(byteCount: Self.bufferByteCount, alignment: 16)
  }

  deinit {
    buffer.deallocate()
  }

  /// Works until the inbox is closed.
  func run() {
    while let events = inbox.takeAll() {
      for event in events { handle(event) }
      endLimits()
      advance()
      wait()
    }
    lose(.connectionLost("the tier is no longer used"), repeats: false)
    failWaiting { _ in true }
  }

  private func handle(_ event: Inbox.Event) {
    switch event {
    case .begin(let exchange):
      nextEnd = min(nextEnd, exchange.deadline)
      waiting.append(exchange)
    case .cancel(let id): cancel(id)
    case .connected(.success(let connection)):
      status.finish()
      backoff.succeeded()
      lastReply = .now
      phase = .open(connection)
    case .connected(.failure(let error)):
      status.finish()
      pauseEnd = SystemClocks.monotonic + backoff.pauseAfterFailure()
      lastFailure = error
      phase = .idle
      // The next attempt will be refused as well.
      if case .notAuthenticated = error { failWaiting { _ in true } }
    }
  }

  private func cancel(_ id: UInt64) {
    if let index = waiting.firstIndex(where: { $0.id == id }) {
      var exchange = waiting.remove(at: index)
      exchange.finish(.failure(CancellationError()))
    } else if let index = sent.firstIndex(where: { $0.id == id }) {
      sent[index].finish(.failure(CancellationError()))
    }
  }

  /// Connects or sends, as far as it can be done now.
  private func advance() {
    if case .open(let connection) = phase {
      if !waiting.isEmpty { sendWaiting(on: connection) }
      flush()
    }
    guard case .idle = phase, !waiting.isEmpty else { return }
    if SystemClocks.monotonic >= pauseEnd { return beginConnecting() }
    // Those that end before the next attempt have nothing to wait for.
    failWaiting { $0.deadline <= pauseEnd }
  }

  private func failWaiting(_ isConcerned: (Exchange) -> Bool) {
    for index in waiting.indices where isConcerned(waiting[index]) {
      waiting[index].finish(.failure(lastFailure))
    }
    waiting.removeAll(where: \.isAbandoned)
  }

  private func beginConnecting() {
    phase = .connecting
    status.begin(within: options.connectLimit)
    let connector = Connector(endpoint: endpoint, options: options, name: name)
    do throws(SystemError) {
      try DetachedThread.start { [inbox] in
        let result = Result { () throws(ValkeyError) in try connector.connect() }
        guard !inbox.post(.connected(result)) else { return }
        if case .success(let connection) = result { connection.transport.close() }
      }
    } catch {
      handle(.connected(.failure(.unreachable(error.description))))
    }
  }

  // MARK: - Time

  /// Answers those whose time is up, and closes a connection that has not answered in time: a reply
  /// that comes later would be taken for that of another command.
  private func endLimits() {
    let now = SystemClocks.monotonic
    guard nextEnd <= now || doubtEnd <= now else { return }
    for index in waiting.indices where waiting[index].deadline <= now {
      waiting[index].finish(.failure(ValkeyError.timedOut(after: waiting[index].limit)))
    }
    waiting.removeAll(where: \.isAbandoned)
    var late: Duration?
    for index in sent.indices where sent[index].deadline <= now {
      late = sent[index].limit
      sent[index].finish(.failure(ValkeyError.timedOut(after: sent[index].limit)))
    }
    if let late {
      lose(.connectionLost("no answer for \(late)"))
    } else if doubtEnd <= now {
      lose(.connectionLost("no answer on a connection that was not used for long"))
    }
    nextEnd = min(
      waiting.lazy.map(\.deadline).min() ?? .max, sent.lazy.map(\.deadline).min() ?? .max)
  }

  private func wait() {
    var end = min(nextEnd, doubtEnd)
    if waiting.isEmpty, sent.isEmpty { (nextEnd, end) = (.max, .max) }
    var descriptor: Int32 = -1
    switch phase {
    case .open(let connection): descriptor = connection.transport.descriptor
    case .idle: if !waiting.isEmpty { end = min(end, pauseEnd) }
    case .connecting: break
    }
    if mayHaveMore { end = 0 }
    guard inbox.beginWaiting() else {
      if mayHaveMore { receive() }
      return
    }
    var readiness = Readiness()
    do throws(SystemError) {
      readiness = try Readiness.wait(
        for: descriptor, writes: !outgoing.isEmpty, orFor: inbox.descriptor, until: end)
    } catch {
      // Only exhausted memory, or a transport with a wrong descriptor.
      lose(.connectionLost(error.description))
    }
    inbox.endWaiting(wasWoken: readiness.inbox)
    if readiness.connection || mayHaveMore { receive() }
  }
}
