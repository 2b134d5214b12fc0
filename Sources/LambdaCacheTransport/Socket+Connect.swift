#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Socket {
  /// Connects to an endpoint, trying the host's addresses in the resolver's order.
  ///
  /// - Parameters:
  ///   - endpoint: The host and the port.
  ///   - limit: The longest wait, of which each address gets an equal part of what is left: one
  ///     that does not answer must leave time for those behind it.
  /// - Throws: `SocketError.unreachable` with the failure of the last address tried.
  package static func connect(
    to endpoint: Endpoint, within limit: Duration
  ) throws(SocketError) -> Socket {
    let addresses = try resolve(host: endpoint.host, port: endpoint.port)
    defer { freeaddrinfo(addresses) }
    let deadline = ContinuousClock.now + limit
    var failure = SystemError(call: "getaddrinfo", code: EADDRNOTAVAIL)
    var next: UnsafeMutablePointer<addrinfo>? = addresses
    while let address = next {
      do throws(SystemError) {
        let wait = part(of: deadline - .now, forAddresses: addressCount(from: address))
        return try connect(to: address.pointee, within: wait)
      } catch {
        failure = error
      }
      next = address.pointee.ai_next
    }
    throw .unreachable("\(endpoint.authority): \(failure)")
  }

  /// The wait for the first of several addresses that are still to be tried.
  package static func part(of left: Duration, forAddresses count: Int) -> Duration {
    max(.zero, left) / max(1, count)
  }

  private static func addressCount(from first: UnsafeMutablePointer<addrinfo>) -> Int {
    sequence(first: first, next: \.pointee.ai_next).reduce(0) { count, _ in count + 1 }
  }

  /// Asks the resolver; an address in numbers needs no look-up and is
  /// tried first, so that the name service is not even loaded.
  ///
  /// - Parameters:
  ///   - host: A name or an address.
  ///   - port: The port.
  ///   - purpose: `AI_PASSIVE` for an address to listen on, or 0.
  package static func resolve(
    host: String, port: UInt16, purpose: Int32 = 0
  ) throws(SocketError) -> UnsafeMutablePointer<addrinfo> {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    #if canImport(Glibc)
      hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    #else
      hints.ai_socktype = SOCK_STREAM
    #endif
    var code: Int32 = 0
    for flags in [Int32(AI_NUMERICHOST), 0] {
      hints.ai_flags = flags | purpose | Int32(AI_NUMERICSERV)
      var addresses: UnsafeMutablePointer<addrinfo>?
      code = getaddrinfo(host, String(port), &hints, &addresses)
      if code == 0, let addresses { return addresses }
    }
    let reason = gai_strerror(code).map { String(cString: $0) } ?? "code \(code)"
    throw .unreachable("\(host):\(port): \(reason)")
  }

  private static func connect(
    to address: addrinfo, within limit: Duration
  ) throws(SystemError) -> Socket {
    let descriptor = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
    guard descriptor >= 0 else { throw .last("socket") }
    let result = Socket(owning: descriptor)
    try FileDescriptor.setCloseOnExec(descriptor)
    // Only a non-blocking connect can be bounded; no call after it waits.
    try FileDescriptor.setNonBlocking(descriptor)
    try finishConnecting(descriptor, limit: limit) {
      #if canImport(Darwin)
        Darwin.connect(descriptor, address.ai_addr, address.ai_addrlen)
      #elseif canImport(Musl)
        Musl.connect(descriptor, address.ai_addr, address.ai_addrlen)
      #else
        Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen)
      #endif
    }
    try result.configure()
    return result
  }

  /// Waits until a connection is made.
  ///
  /// - Parameters:
  ///   - descriptor: A socket whose calls do not wait.
  ///   - limit: The longest wait.
  ///   - call: Begins to connect, as the system's `connect` does.
  package static func finishConnecting(
    _ descriptor: Int32, limit: Duration, _ call: () -> Int32
  ) throws(SystemError) {
    if call() == 0 { return }
    // An interrupted connect goes on in the background like one that would block.
    guard errno == EINPROGRESS || errno == EINTR else { throw .last("connect") }
    let outcome = try FileDescriptor.wait(for: descriptor, events: POLLOUT, limit: limit)
    guard outcome == .ready else { throw SystemError(call: "connect", code: ETIMEDOUT) }
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else {
      throw .last("getsockopt")
    }
    guard code == 0 else { throw SystemError(call: "connect", code: code) }
  }
}
