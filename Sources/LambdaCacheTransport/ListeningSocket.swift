#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A socket that accepts connections.
package final class ListeningSocket {
  package let descriptor: Int32
  /// The port that is listened on, also when any free one was asked for.
  package let port: UInt16

  /// Listens on the first of the host's addresses.
  ///
  /// - Parameters:
  ///   - host: A name or an address.
  ///   - port: The port, or 0 for any free one.
  /// - Throws: `SocketError`.
  package init(host: String, port: UInt16) throws(SocketError) {
    let addresses = try Socket.resolve(host: host, port: port, purpose: AI_PASSIVE)
    defer { freeaddrinfo(addresses) }
    do throws(SystemError) {
      (descriptor, self.port) = try Self.listen(on: addresses.pointee)
    } catch {
      throw .failed(error)
    }
  }

  deinit {
    close(descriptor)
  }

  /// Takes the next connection.
  ///
  /// - Parameter call: Takes it, as the system's `accept` does.
  /// - Returns: `nil` when there is none, or none any more.
  package func accept(_ call: (Int32) -> Int32 = systemAccept) throws(SystemError) -> Socket? {
    let peer = call(descriptor)
    guard peer >= 0 else {
      let error = SystemError.last("accept")
      if error.wouldWait || error.isInterruption || error.isOfNewConnection { return nil }
      throw error
    }
    let socket = Socket(owning: peer)
    try FileDescriptor.setCloseOnExec(peer)
    return socket
  }

  private static func listen(
    on address: addrinfo
  ) throws(SystemError) -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
    guard descriptor >= 0 else { throw .last("socket") }
    do throws(SystemError) {
      try FileDescriptor.setCloseOnExec(descriptor)
      try FileDescriptor.setNonBlocking(descriptor)
      // A server that was just ended must not keep the port for minutes.
      var one: Int32 = 1
      let size = socklen_t(MemoryLayout<Int32>.size)
      guard setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, size) == 0 else {
        throw .last("setsockopt")
      }
      guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0 else { throw .last("bind") }
      guard systemListen(descriptor, 64) == 0 else { throw .last("listen") }
      return (descriptor, try boundPort(of: descriptor))
    } catch {
      close(descriptor)
      throw error
    }
  }

  private static func boundPort(of descriptor: Int32) throws(SystemError) -> UInt16 {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let bigEndianPort: UInt16? = withUnsafeMutablePointer(to: &storage) { pointer in
      let raw = UnsafeMutableRawPointer(pointer)
      let generic = raw.assumingMemoryBound(to: sockaddr.self)
      guard getsockname(descriptor, generic, &size) == 0 else { return nil }
      // The port is at the same place in both families' addresses.
      return raw.assumingMemoryBound(to: sockaddr_in.self).pointee.sin_port
    }
    guard let bigEndianPort else { throw .last("getsockname") }
    return UInt16(bigEndian: bigEndianPort)
  }
}

/// The system's `accept`, whose name the type's own hides.
private func systemAccept(_ descriptor: Int32) -> Int32 {
  accept(descriptor, nil, nil)
}

/// The system's `listen`, whose name the type's own hides.
private func systemListen(_ descriptor: Int32, _ backlog: Int32) -> Int32 {
  listen(descriptor, backlog)
}
