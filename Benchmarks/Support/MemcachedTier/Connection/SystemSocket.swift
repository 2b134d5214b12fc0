#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Calls of the system that are not alike everywhere.
enum SystemSocket {
  #if canImport(Glibc)
    static let stream = Int32(SOCK_STREAM.rawValue)
  #else
    static let stream = SOCK_STREAM
  #endif

  #if canImport(Darwin)
    static let noSignal: Int32 = 0
  #else
    static let noSignal = Int32(MSG_NOSIGNAL)
  #endif

  /// Keeps calls from waiting, and the descriptor out of other programs.
  static func prepare(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }

  /// Sends small pieces without waiting for more.
  static func sendAtOnce(_ descriptor: Int32) {
    var one: Int32 = 1
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    #if canImport(Darwin)
      setsockopt(
        descriptor, SOL_SOCKET, SO_NOSIGPIPE, &one, socklen_t(MemoryLayout<Int32>.size))
    #endif
  }

  static func close(_ descriptor: Int32) {
    #if canImport(Glibc)
      _ = Glibc.close(descriptor)
    #elseif canImport(Musl)
      _ = Musl.close(descriptor)
    #else
      _ = Darwin.close(descriptor)
    #endif
  }

  static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
      Glibc.send(descriptor, bytes.baseAddress, bytes.count, noSignal)
    #elseif canImport(Musl)
      Musl.send(descriptor, bytes.baseAddress, bytes.count, noSignal)
    #else
      Darwin.send(descriptor, bytes.baseAddress, bytes.count, noSignal)
    #endif
  }

  /// - Returns: Whether a descriptor is ready.
  static func poll(_ entries: inout [pollfd], _ timeout: Int32) -> Bool {
    #if canImport(Glibc)
      Glibc.poll(&entries, nfds_t(entries.count), timeout) > 0
    #elseif canImport(Musl)
      Musl.poll(&entries, nfds_t(entries.count), timeout) > 0
    #else
      Darwin.poll(&entries, nfds_t(entries.count), timeout) > 0
    #endif
  }
}
