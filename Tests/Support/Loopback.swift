#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The socket calls under the fake servers and clients, independent of those under test.
package enum LoopbackListener {
  package struct Failure: Error {
    package var call: String
    package var code: Int32
  }

  /// Opens a listening socket on a free port of 127.0.0.1.
  package static func open() throws -> (descriptor: Int32, port: UInt16) {
    #if canImport(Glibc)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    let descriptor = socket(AF_INET, stream, 0)
    guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(descriptor, generic, size) == 0 && listen(descriptor, 16) == 0
          && getsockname(descriptor, generic, &size) == 0
      }
    }
    guard isBound else {
      defer { close(descriptor) }
      throw Failure(call: "bind", code: errno)
    }
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }

  /// Takes the next connection, or `nil` when patience is over.
  package static func accept(_ listener: Int32) -> Int32? {
    var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, Int32(unreachedSeconds) * 1000) == 1 else { return nil }
    #if canImport(Glibc)
      let peer = Glibc.accept(listener, nil, nil)
    #elseif canImport(Musl)
      let peer = Musl.accept(listener, nil, nil)
    #else
      let peer = Darwin.accept(listener, nil, nil)
    #endif
    guard peer >= 0 else { return nil }
    setLimits(peer)
    return peer
  }

  /// Makes calls end when patience is over, and sends without delay.
  package static func setLimits(_ peer: Int32) {
    var limit = timeval(tv_sec: unreachedSeconds, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    var one: Int32 = 1
    setsockopt(
      peer, Int32(IPPROTO_TCP), Int32(TCP_NODELAY), &one, socklen_t(MemoryLayout<Int32>.size))
    #if canImport(Darwin)
      setsockopt(peer, SOL_SOCKET, SO_NOSIGPIPE, &one, socklen_t(MemoryLayout<Int32>.size))
    #endif
  }
}

package enum LoopbackPeer {
  /// Sends bytes; a client that is gone is not an error of the server.
  package static func send(_ bytes: [UInt8], to peer: Int32, pieceSize: Int?) {
    #if canImport(Darwin)
      let flags: Int32 = 0
    #else
      let flags = Int32(MSG_NOSIGNAL)
    #endif
    var offset = 0
    bytes.withUnsafeBytes { all in
      while offset < all.count {
        let size = min(pieceSize ?? all.count, all.count - offset)
        #if canImport(Glibc)
          let count = Glibc.send(peer, all.baseAddress! + offset, size, flags)
        #elseif canImport(Musl)
          let count = Musl.send(peer, all.baseAddress! + offset, size, flags)
        #else
          let count = Darwin.send(peer, all.baseAddress! + offset, size, flags)
        #endif
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        offset += count
      }
    }
  }

  /// Connects to a port of 127.0.0.1.
  package static func connect(to port: UInt16) throws -> Int32 {
    #if canImport(Glibc)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    let peer = socket(AF_INET, stream, 0)
    guard peer >= 0 else { throw LoopbackListener.Failure(call: "socket", code: errno) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        #if canImport(Glibc)
          Glibc.connect(peer, generic, size) == 0
        #elseif canImport(Musl)
          Musl.connect(peer, generic, size) == 0
        #else
          Darwin.connect(peer, generic, size) == 0
        #endif
      }
    }
    guard isConnected else {
      defer { close(peer) }
      throw LoopbackListener.Failure(call: "connect", code: errno)
    }
    LoopbackListener.setLimits(peer)
    return peer
  }

  /// Makes `close` send RST instead of FIN.
  package static func resetOnClose(_ peer: Int32) {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(peer, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
  }
}
