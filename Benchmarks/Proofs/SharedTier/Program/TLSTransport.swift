#if TLS
  import LambdaCacheValkey
  import NIOCore
  import NIOPosix
  import NIOSSL
  import NIOTLS

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #elseif canImport(Darwin)
    import Darwin
  #endif

  /// TLS by swift-nio-ssl, to be copied into a program that needs it.
  ///
  /// The thread of NIO has the connection. It decrypts what comes, and passes it on through a pair
  /// of local sockets, whose other end the tier reads and waits for.
  final class TLSTransport: ValkeyTransport {
    private let context: NIOSSLContext
    private var channels: [any Channel] = []
    private(set) var descriptor: Int32 = -1

    /// - Parameter context: The certificates to trust; made once, not for each connection.
    init(context: NIOSSLContext) {
      self.context = context
    }

    func connect(to endpoint: Endpoint, within limit: Duration) throws {
      let loop = MultiThreadedEventLoopGroup.singleton.next()
      let time = TimeAmount.nanoseconds(
        limit.components.seconds * 1_000_000_000 + limit.components.attoseconds / 1_000_000_000)
      let ready = loop.makePromise(of: Void.self)
      let timeout = loop.scheduleTask(in: time) { ready.fail(ChannelError.connectTimeout(time)) }
      defer { timeout.cancel() }
      let (context, host) = (context, endpoint.host)
      let remote = ClientBootstrap(group: loop)
        .connectTimeout(time)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            // An address has no name to send; its certificate is checked all the same.
            let isName = host.contains { $0.isLetter } && !host.contains(":")
            let tls = try NIOSSLClientHandler(
              context: context, serverHostname: isName ? host : nil)
            try channel.pipeline.syncOperations.addHandlers(tls, Handshake(ready))
          }
        }
        .connect(host: host, port: Int(endpoint.port))
      remote.whenFailure { ready.fail($0) }
      let tls: any Channel
      do {
        try ready.futureResult.wait()
        tls = try remote.wait()
      } catch {
        remote.whenSuccess { $0.close(promise: nil) }
        throw error
      }
      channels = [tls]
      let near = try makePair()
      let local = try ClientBootstrap(group: loop)
        .channelInitializer { channel in
          channel.pipeline.addHandler(Passage(to: tls))
        }
        .withConnectedSocket(near).wait()
      channels.append(local)
      try tls.pipeline.addHandler(Passage(to: local)).wait()
    }

    /// Opens the pair of sockets.
    ///
    /// - Returns: The end that belongs to NIO.
    private func makePair() throws -> Int32 {
      var ends: [Int32] = [-1, -1]
      #if canImport(Glibc)
        let stream = Int32(SOCK_STREAM.rawValue)
      #else
        let stream = SOCK_STREAM
      #endif
      guard socketpair(AF_UNIX, stream, 0, &ends) == 0 else {
        throw ValkeyError.unreachable("no pair of sockets: \(errno)")
      }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      _ = fcntl(ends[0], F_SETFL, fcntl(ends[0], F_GETFL) | O_NONBLOCK)
      descriptor = ends[0]
      return ends[1]
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int? {
      try withoutWaiting { recv(descriptor, buffer.baseAddress, buffer.count, 0) }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws -> Int? {
      #if canImport(Darwin)
        let flags: Int32 = 0
      #else
        let flags = Int32(MSG_NOSIGNAL)
      #endif
      return try withoutWaiting { send(descriptor, bytes.baseAddress, bytes.count, flags) }
    }

    private func withoutWaiting(_ call: () -> Int) throws -> Int? {
      while true {
        let count = call()
        if count >= 0 { return count }
        if errno == EAGAIN || errno == EWOULDBLOCK { return nil }
        if errno != EINTR { throw ValkeyError.connectionLost("error \(errno) of a local socket") }
      }
    }

    func close() {
      for channel in channels { channel.close(promise: nil) }
      channels = []
      #if canImport(Glibc)
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
      #elseif canImport(Musl)
        if descriptor >= 0 { _ = Musl.close(descriptor) }
      #else
        if descriptor >= 0 { _ = Darwin.close(descriptor) }
      #endif
      descriptor = -1
    }
  }

  /// Waits for the end of the handshake.
  private final class Handshake: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let ready: EventLoopPromise<Void>

    init(_ ready: EventLoopPromise<Void>) { self.ready = ready }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      if case TLSUserEvent.handshakeCompleted = event { ready.succeed() }
      context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      ready.fail(error)
      context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
      ready.fail(ChannelError.eof)
      context.fireChannelInactive()
    }
  }

  /// Passes bytes, and the end, on to another channel of the same thread.
  private final class Passage: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let target: any Channel

    init(to target: any Channel) { self.target = target }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      target.write(unwrapInboundIn(data), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) { target.flush() }

    func channelInactive(context: ChannelHandlerContext) { target.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }
#endif
