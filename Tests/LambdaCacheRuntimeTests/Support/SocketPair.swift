import LambdaCacheTransport

@testable import LambdaCacheRuntime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Two ends of a connection.
struct SocketPair {
  let socket: Socket
  let peer: Int32

  /// - Parameter sendBufferByteCount: About how much the system keeps of what the socket sends.
  init(sendBufferByteCount: Int32? = nil) throws {
    var ends: [Int32] = [-1, -1]
    #if canImport(Glibc)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    guard socketpair(AF_UNIX, stream, 0, &ends) == 0 else { throw SystemError.last("socketpair") }
    socket = Socket(owning: ends[0])
    peer = ends[1]
    guard var size = sendBufferByteCount else { return }
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Takes what has arrived, up to a number of bytes, without waiting.
  func take(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { bytes, initializedCount in
      initializedCount = max(0, recv(peer, bytes.baseAddress, count, Int32(MSG_DONTWAIT)))
    }
  }
}
