import LambdaCacheTransport
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("A wait that signals interrupt", .prompt, .timeLimit(.minutes(10)))
struct InterruptionTests {
  @Test("An interrupted wait for one descriptor goes on until it is ready")
  func one() async throws {
    let stop = try StopSignal()
    let outcome = try await Interruption.of {
      try FileDescriptor.wait(for: stop.descriptor, events: Int32(POLLIN), limit: nil)
    } releasing: {
      stop.fire()
    }
    #expect(outcome == .ready)
  }

  @Test("An interrupted wait for a stop signal goes on until it fires")
  func stopped() async throws {
    let stop = try StopSignal()
    let outcome = try await Interruption.of {
      try StopSignal.pause(for: unreachedTime, orUntil: [stop])
    } releasing: {
      stop.fire()
    }
    #expect(outcome)
  }

  @Test("An interrupted wait with a limit ends when the time is up, and not before")
  func limited() async throws {
    let limit = Duration.milliseconds(300)
    let (outcome, elapsed) = try await Interruption.of {
      let start = SuspendingClock.now
      let outcome = try FileDescriptor.wait(for: -1, events: Int32(POLLIN), limit: limit)
      return (outcome, SuspendingClock.now - start)
    }
    #expect(outcome == .timedOut)
    #expect(elapsed >= limit)
  }

  @Test("An interrupted wait is won by a descriptor that is ready beside a stop signal")
  func both() throws {
    let (stop, other) = (try StopSignal(), try StopSignal())
    stop.fire()
    #expect(try StopSignal.pause(for: .zero, orUntil: [other, stop]))
    #expect(try !StopSignal.pause(for: .zero, orUntil: [other]))
    other.fire()
    for limit in [nil, Duration.zero] {
      let outcome = try FileDescriptor.wait(
        for: other.descriptor, events: Int32(POLLIN), stops: [stop], limit: limit)
      #expect(outcome == .ready)
    }
  }

  @Test("An interrupted wait for one of several descriptors goes on until one is ready")
  func several() async throws {
    let (first, second) = (try StopSignal(), try StopSignal())
    let isReady = try await Interruption.of {
      try FileDescriptor.waitForAny([
        (first.descriptor, Int32(POLLIN)), (-1, Int32(POLLIN)), (second.descriptor, Int32(POLLIN)),
      ])
    } releasing: {
      second.fire()
    }
    #expect(isReady == [false, false, true])
  }

  @Test("An interrupted wait for one of several descriptors ends in time with none ready")
  func severalLimited() async throws {
    let stop = try StopSignal()
    let isReady = try await Interruption.of {
      try FileDescriptor.waitForAny(
        [(stop.descriptor, Int32(POLLIN))], until: SuspendingClock.now + .milliseconds(300))
    }
    #expect(isReady == [false])
  }

  @Test("An interrupted wait for a connection goes on in the background, and is awaited")
  func connect() throws {
    let (listener, port) = try LoopbackListener.open()
    defer { close(listener) }
    for code in [EINTR, EINPROGRESS] {
      // A socket that is connected already: the call that began it was interrupted.
      let socket = Socket(owning: try LoopbackPeer.connect(to: port))
      try Socket.finishConnecting(socket.descriptor, limit: unreachedTime) {
        errno = code
        return -1
      }
    }
    let failure = #expect(throws: SystemError.self) {
      let socket = Socket(owning: try LoopbackPeer.connect(to: port))
      try Socket.finishConnecting(socket.descriptor, limit: unreachedTime) {
        errno = ECONNREFUSED
        return -1
      }
    }
    #expect(failure == SystemError(call: "connect", code: ECONNREFUSED))
  }

  @Test("An interrupted wait for a client takes none, nor one that is gone, and takes the next")
  func accept() throws {
    let listener = try ListeningSocket(host: "127.0.0.1", port: 0)
    let client = try LoopbackPeer.connect(to: listener.port)
    defer { close(client) }
    for code in [
      EINTR, EAGAIN, ECONNABORTED, EPROTO, EPERM, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, EHOSTUNREACH,
      EOPNOTSUPP, ENETUNREACH, ETIMEDOUT,
    ] {
      let socket = try listener.accept { _ in
        errno = code
        return -1
      }
      #expect(socket == nil)
    }
    for code in [EMFILE, ENFILE, ENOBUFS, ENOMEM, EBADF, EINVAL] {
      let failure = #expect(throws: SystemError.self) {
        _ = try listener.accept { _ in
          errno = code
          return -1
        }
      }
      #expect(failure == SystemError(call: "accept", code: code))
      #expect(failure?.isExhaustion == ![EBADF, EINVAL].contains(code))
    }
    #expect(try listener.accept() != nil)
    #expect(try listener.accept() == nil)
  }
}
