import Foundation
import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheRuntime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A thread whose calls signals interrupt.
enum Interruption {
  private final class Box: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// A wait that has ended only when it was left alone.
  struct NotEnded: Error {}

  /// Runs a closure on a thread, interrupts what it waits in twenty times, and then lets it go on.
  ///
  /// - Parameter release: Ends the wait, if the closure does not end it itself.
  static func of<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value,
    releasing release: @escaping @Sendable () -> Void = {}
  ) async throws -> Value {
    // Not on a thread of the pool, of which there may be two for all tests.
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(with: Result { try interrupting(body, releasing: release) })
      }
    }
  }

  private static func interrupting<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value, releasing release: () -> Void
  ) throws -> Value {
    var action = sigaction()
    #if canImport(Darwin)
      action.__sigaction_u.__sa_handler = { _ in }
    #else
      action.__sigaction_handler.sa_handler = { _ in }
    #endif
    // Without SA_RESTART, so that a call that waits fails with EINTR.
    action.sa_flags = 0
    sigaction(SIGUSR2, &action, nil)
    let outcome = Locked<Result<Value, any Error>?>(nil)
    let box = Box {
      // Threads of the pool block signals, and those that they start inherit that.
      var signals = sigset_t()
      sigemptyset(&signals)
      sigaddset(&signals, SIGUSR2)
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      let result = Result { try body() }
      outcome.withLock { $0 = result }
    }
    #if canImport(Darwin)
      var thread: pthread_t?
      pthread_create(
        &thread, nil,
        {
          Unmanaged<Box>.fromOpaque($0).takeRetainedValue().run()
          return nil
        }, Unmanaged.passRetained(box).toOpaque())
      guard let thread else { throw CancellationError() }
    #else
      var thread = pthread_t()
      pthread_create(
        &thread, nil,
        { argument in
          if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().run() }
          return nil
        }, Unmanaged.passRetained(box).toOpaque())
    #endif
    for _ in 0..<20 {
      usleep(2000)
      pthread_kill(thread, SIGUSR2)
    }
    release()
    // A wait with a limit of its own must end, however often it is interrupted.
    let end = SuspendingClock.now + unreachedTime
    while outcome.withLock({ $0 == nil }), SuspendingClock.now < end {
      usleep(2000)
      pthread_kill(thread, SIGUSR2)
    }
    let hasEnded = outcome.withLock { $0 != nil }
    pthread_join(thread, nil)
    guard hasEnded, let result = outcome.withLock({ $0 }) else { throw NotEnded() }
    return try result.get()
  }
}

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

  @Test("An interrupted wait for the log to take a line writes the whole line")
  func log() async {
    await #expect(processExitsWith: .success) {
      var ends: [Int32] = [-1, -1]
      guard pipe(&ends) == 0, dup2(ends[1], STDERR_FILENO) >= 0 else { fatalError("no pipe") }
      let input = ends[0]
      // More than a pipe keeps, so that the write waits, before and after it has begun.
      let line = String(repeating: "x", count: 200_000)
      let text = Locked<[UInt8]>([])
      try await Interruption.of {
        Log.write(line, level: .error)
      } releasing: {
        Thread.detachNewThread {
          var buffer = [UInt8](repeating: 0, count: 1000)
          while case let count = read(input, &buffer, buffer.count), count > 0 || errno == EINTR {
            if count > 0 { text.withLock { $0 += buffer[..<count] } }
          }
        }
      }
      let end = SuspendingClock.now + unreachedTime
      while text.withLock({ $0.count <= 200_008 }), SuspendingClock.now < end { usleep(1000) }
      guard text.withLock({ $0 == Array("[ERROR] \(line)\n".utf8) }) else { exit(1) }
    }
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

  @Test("An interrupted wait for an event or a receipt serves as without signals")
  func service() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [
        .trickle(Answer.event("a")), .trickle(Answer.accepted), .trickle(Answer.event("b")),
        .trickle(Answer.accepted), .answer(Answer.final),
      ]
    ])
    let endpoint = try #require(Endpoint("127.0.0.1:\(server.port)"))
    let timeouts = Timeouts.patient(retryDelays: [])
    let bodies = try await Interruption.of {
      let connection = Connection(endpoint: endpoint, timeouts: timeouts)
      let next = HTTPRequest(method: "GET", path: "/next", authority: "x")
      let post = HTTPRequest(method: "POST", path: "/response", authority: "x", body: [1])
      return try [next, post, next, post].map { request in
        String(
          decoding: try connection.exchange(request, patience: .unlimited(stops: [])).body,
          as: UTF8.self)
      }
    }
    #expect(bodies == ["a", #"{"status":"OK"}"#, "b", #"{"status":"OK"}"#])
    #expect(server.requests.allSatisfy { $0.connection == 0 })
  }
}
