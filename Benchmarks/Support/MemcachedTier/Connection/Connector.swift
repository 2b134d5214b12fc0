#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Connects, on a thread that may block: to look up a name cannot be bounded.
struct Connector: Sendable {
  let host: String
  let port: UInt16
  /// The longest wait for each address, and for the first answer.
  let limit: Duration

  /// Connects to the first of the host's addresses that answers, and checks version and clock.
  func connect() -> Result<Int32, MemcachedError> {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = SystemSocket.stream
    var addresses: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &addresses)
    guard code == 0 else {
      return .failure(.unreachable("\(host): \(String(cString: gai_strerror(code)))"))
    }
    defer { freeaddrinfo(addresses) }
    var last = MemcachedError.unreachable("\(host) has no address")
    var next = addresses
    while let address = next?.pointee {
      next = address.ai_next
      do throws(MemcachedError) {
        return .success(try connect(to: address))
      } catch {
        last = error
      }
    }
    return .failure(last)
  }

  private func connect(to address: addrinfo) throws(MemcachedError) -> Int32 {
    let descriptor = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
    guard descriptor >= 0 else { throw .unreachable("no socket: error \(errno)") }
    do throws(MemcachedError) {
      SystemSocket.prepare(descriptor)
      SystemSocket.sendAtOnce(descriptor)
      let deadline = ContinuousClock.now + limit
      #if canImport(Glibc)
        let code = Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen)
      #elseif canImport(Musl)
        let code = Musl.connect(descriptor, address.ai_addr, address.ai_addrlen)
      #else
        let code = Darwin.connect(descriptor, address.ai_addr, address.ai_addrlen)
      #endif
      if code != 0 {
        guard errno == EINPROGRESS else { throw .unreachable("error \(errno)") }
        try wait(descriptor, Int16(POLLOUT), until: deadline)
        var (error, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length)
        guard error == 0 else { throw .unreachable("error \(error)") }
      }
      try checkServer(descriptor, until: deadline)
      return descriptor
    } catch {
      close(descriptor)
      throw error
    }
  }

  /// Asks for the server's version and clock.
  private func checkServer(
    _ descriptor: Int32, until deadline: ContinuousClock.Instant
  ) throws(MemcachedError) {
    var question = Array("stats\r\nmn\r\n".utf8)
    guard send(descriptor, &question, question.count, SystemSocket.noSignal) == question.count
    else { throw .unreachable("error \(errno)") }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    var facts = ServerFacts()
    while !facts.isComplete {
      try wait(descriptor, Int16(POLLIN), until: deadline)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count > 0, answer.count < 1 << 20 else {
        throw .unreachable("the server has ended the connection")
      }
      answer += buffer[..<count]
      facts = ServerFacts(String(decoding: answer, as: UTF8.self))
    }
    guard facts.knowsMetaCommands else { throw .unsupportedServer(facts.version) }
    let difference = abs(Clock.microseconds / 1_000_000 - facts.time)
    guard difference <= Clock.tolerance else { throw .clocksDiffer(seconds: difference) }
  }

  private func wait(
    _ descriptor: Int32, _ events: Int16, until deadline: ContinuousClock.Instant
  ) throws(MemcachedError) {
    while true {
      let left = (deadline - .now) / .milliseconds(1)
      guard left > 0 else { throw .unreachable("no answer for \(limit)") }
      var entries = [pollfd(fd: descriptor, events: events, revents: 0)]
      if SystemSocket.poll(&entries, Int32(min(left, 86_400_000).rounded(.up))) { return }
    }
  }
}

/// The facts in the statistics of a server.
struct ServerFacts {
  private(set) var version = "unknown"
  /// The seconds since 1970.
  private(set) var time: Int64 = 0
  /// Whether the answer ends here.
  private(set) var isComplete = false
  private(set) var knowsMetaCommands = false

  init() {}

  /// - Parameter text: The replies to `stats` and `mn`, perhaps not all yet.
  init(_ text: String) {
    for line in text.split(separator: "\r\n") {
      let words = line.split(separator: " ")
      if words.count == 3, words[1] == "version" { version = String(words[2]) }
      if words.count == 3, words[1] == "time" { time = Int64(words[2]) ?? 0 }
    }
    knowsMetaCommands = text.hasSuffix("MN\r\n")
    isComplete = knowsMetaCommands || text.hasSuffix("ERROR\r\n")
  }
}
