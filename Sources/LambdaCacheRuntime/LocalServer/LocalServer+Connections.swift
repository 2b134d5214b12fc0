import LambdaCache
internal import LambdaCacheTransport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Connections that come and go, of which at most `maximumConnectionCount` are kept.
extension LocalServer {
  /// Waits until something arrives or can be sent, and takes new connections.
  ///
  /// - Returns: The connections that something can be done with, or `nil` when a stop signal has
  ///   fired.
  func waitForActivity() throws(SystemError) -> [LocalConnection]? {
    let waiting = connections
    let isReady = try FileDescriptor.waitForAny(
      stops.map { ($0.descriptor, POLLIN) }
        + waiting.map { ($0.socket.descriptor, $0.isSending ? POLLOUT : POLLIN) }
        + [(acceptsAgain == nil ? listener.descriptor : -1, POLLIN)],
      until: (waiting.map(\.sendDeadline) + [acceptsAgain]).compactMap(\.self).min())
    if isReady.prefix(stops.count).contains(true) { return nil }
    let active = zip(waiting, isReady.dropFirst(stops.count)).filter(\.1).map(\.0)
    let now = SuspendingClock.now
    if let again = acceptsAgain, again <= now { acceptsAgain = nil }
    if isReady.last == true { try takeConnection(beside: active) }
    for connection in waiting {
      guard let deadline = connection.sendDeadline, deadline <= now,
        !active.contains(where: { $0 === connection })
      else { continue }
      Log.write(
        "local server: a client took nothing of its answer for \(timeouts.inactivity)",
        level: .warn)
      drop(connection)
    }
    return active
  }

  /// Takes a connection, for which another goes when there are too many.
  ///
  /// While there is something to be done with all of them, the new one waits in the system's queue.
  ///
  /// - Parameter active: Those that something can be done with, which stay.
  private func takeConnection(beside active: [LocalConnection]) throws(SystemError) {
    let idle = connections.filter { connection in !active.contains { $0 === connection } }
    let dispensable = idle.first { !$0.isSending } ?? idle.first
    if connections.count >= Self.maximumConnectionCount {
      guard let dispensable else { return }
      drop(dispensable)
    }
    let socket: Socket
    do throws(SystemError) {
      guard let accepted = try listener.accept() else { return }
      socket = accepted
    } catch {
      guard error.isExhaustion else { throw error }
      // All descriptors are in use elsewhere; dropping a connection frees one.
      Log.write("local server: \(error)", level: .warn)
      if let dispensable { drop(dispensable) }
      acceptsAgain = SuspendingClock.now + .milliseconds(100)
      return
    }
    do throws(SystemError) {
      try socket.configure()
    } catch {
      // The client has gone again.
      return
    }
    connections.append(LocalConnection(socket, limits: Self.limits))
  }

  func keeps(_ connection: LocalConnection) -> Bool { connections.contains { $0 === connection } }

  func drop(_ connection: LocalConnection) {
    connections.removeAll { $0 === connection }
  }
}
