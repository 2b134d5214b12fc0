#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The thread of a connection, which sends what tasks want and reads replies.
///
/// It ends what takes too long. With nothing to wait for it sleeps without a time-out.
final class ConnectionLoop: Sendable {
  let inbox = Inbox()
  private let connector: Connector

  init(_ connector: Connector) { self.connector = connector }

  /// Starts the thread, which keeps neither this object nor the tier.
  func start() {
    SystemThread.start { [inbox, connector] in
      var state = LoopState(inbox: inbox, connector: connector)
      state.run()
    }
  }
}

/// The state that the thread alone touches.
private struct LoopState {
  private struct Sent {
    let operation: Operation
    /// Whether it was sent on an earlier connection before.
    let isRepeated: Bool
    var replies: [MetaReply] = []
  }

  let inbox: Inbox
  let connector: Connector
  private var socket: Int32 = -1
  private var epoch: UInt64 = 0
  private var isConnecting = false
  private var isClosed = false
  private var parser = MetaParser()
  private var outgoing: [UInt8] = []
  /// Not sent yet, each with whether it is sent again.
  private var waiting: [(operation: Operation, isRepeated: Bool)] = []
  private var sent: [Sent] = []
  private var failures = 0
  private var nextAttempt = ContinuousClock.now
  private var lastError = MemcachedError.unreachable("not tried yet")

  init(inbox: Inbox, connector: Connector) {
    self.inbox = inbox
    self.connector = connector
  }

  mutating func run() {
    while true {
      takeInbox()
      expire()
      if isClosed, waiting.isEmpty, sent.isEmpty, !isConnecting { break }
      connectIfNeeded()
      sendWaiting()
      let ready = poll()
      if ready.writes { write() }
      if ready.reads { read() }
    }
    disconnect()
  }

  private mutating func takeInbox() {
    let contents = inbox.take()
    isClosed = contents.isClosed
    waiting += contents.operations.map { ($0, false) }
    guard let connected = contents.connected else { return }
    isConnecting = false
    switch connected {
    case .success(let descriptor):
      socket = descriptor
      failures = 0
      inbox.beginEpoch()
      epoch = inbox.epoch
    case .failure(let error):
      lastError = error
      // Any pause up to a limit that doubles, so that environments do not come back together.
      let limit = min(5_000, 50 << min(failures, 10))
      failures += 1
      nextAttempt = .now + .milliseconds(Int.random(in: 0...limit))
    }
  }

  /// Ends operations whose time is over.
  ///
  /// Of one that was sent a late reply would be taken for another's, so that the connection is
  /// given up.
  private mutating func expire() {
    let now = ContinuousClock.now
    for (operation, _) in waiting where operation.deadline <= now {
      let isReachable = isConnecting || socket >= 0
      operation.end(.failure(isReachable ? MemcachedError.timedOut(operation.limit) : lastError))
    }
    waiting.removeAll { $0.operation.isOver }
    var isLate = false
    for each in sent where each.operation.deadline <= now {
      isLate = true
      each.operation.end(.failure(MemcachedError.timedOut(each.operation.limit)))
    }
    if isLate { lose(.connectionLost("a reply was late")) }
  }

  private mutating func connectIfNeeded() {
    guard socket < 0, !isConnecting else { return }
    // An operation that cannot wait for the next attempt would end the same later.
    for (operation, _) in waiting where operation.deadline <= nextAttempt {
      operation.end(.failure(lastError))
    }
    waiting.removeAll { $0.operation.isOver }
    guard !waiting.isEmpty, ContinuousClock.now >= nextAttempt else { return }
    isConnecting = true
    SystemThread.start { [inbox, connector] in inbox.add(connected: connector.connect()) }
  }

  private mutating func sendWaiting() {
    guard socket >= 0 else { return }
    for (operation, isRepeated) in waiting {
      if let only = operation.epoch, only != epoch {
        operation.end(.success(nil))
      } else {
        outgoing += operation.commands.bytes
        sent.append(Sent(operation: operation, isRepeated: isRepeated))
      }
    }
    waiting = []
    if !outgoing.isEmpty { write() }
  }

  private mutating func poll() -> (reads: Bool, writes: Bool) {
    var entries = [pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0)]
    if socket >= 0 {
      let events = Int16(POLLIN) | (outgoing.isEmpty ? 0 : Int16(POLLOUT))
      entries.append(pollfd(fd: socket, events: events, revents: 0))
    }
    var end = (waiting.map(\.operation) + sent.map(\.operation)).map(\.deadline).min()
    if socket < 0, !isConnecting, !waiting.isEmpty { end = min(end ?? nextAttempt, nextAttempt) }
    let timeout = end.map { end -> Int32 in
      let left = max(.zero, end - .now) / .milliseconds(1)
      return Int32(min(left, 86_400_000).rounded(.up))
    }
    guard SystemSocket.poll(&entries, timeout ?? -1), socket >= 0 else { return (false, false) }
    let events = entries[1].revents
    return (events & ~Int16(POLLOUT) != 0, events & Int16(POLLOUT) != 0)
  }

  private mutating func write() {
    while socket >= 0, !outgoing.isEmpty {
      let count = outgoing.withUnsafeBytes { SystemSocket.send(socket, $0) }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN { return }
      guard count > 0 else { return lose(.connectionLost("error \(errno)")) }
      outgoing.removeFirst(count)
    }
  }

  private mutating func read() {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while socket >= 0 {
      let count = buffer.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN { return }
      guard count > 0 else {
        return lose(.connectionLost(count == 0 ? "ended by the server" : "error \(errno)"))
      }
      buffer.withUnsafeBytes { parser.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      do throws(MemcachedError) {
        while let reply = try parser.next() { try take(reply) }
      } catch {
        for each in sent { each.operation.end(.failure(error)) }
        return lose(error)
      }
    }
  }

  /// Gives a reply to the operation whose turn it is.
  private mutating func take(_ reply: MetaReply) throws(MemcachedError) {
    guard !sent.isEmpty else { throw .malformedReply("nothing was asked") }
    sent[0].replies.append(reply)
    guard sent[0].replies.count == sent[0].operation.commands.count else { return }
    let done = sent.removeFirst()
    done.operation.end(.success(.init(replies: done.replies, epoch: epoch)))
  }

  /// Gives the connection up.
  ///
  /// Operations that were sent on it for the first time are sent again on the next one.
  private mutating func lose(_ error: MemcachedError) {
    disconnect()
    var again: [(Operation, Bool)] = []
    for each in sent where !each.operation.isOver {
      if each.operation.epoch != nil {
        // Its leases are void; whether it was stored is not known.
        each.operation.end(.failure(error))
      } else if each.isRepeated {
        each.operation.end(.failure(error))
      } else {
        again.append((each.operation, true))
      }
    }
    sent = []
    waiting = again + waiting
  }

  private mutating func disconnect() {
    if socket >= 0 { SystemSocket.close(socket) }
    socket = -1
    parser = MetaParser()
    outgoing = []
  }
}
