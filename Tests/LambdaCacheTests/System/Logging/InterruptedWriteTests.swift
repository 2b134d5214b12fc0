#if os(Linux)
  import Foundation
  import LambdaCache
  import Testing

  @Suite("A write to the log that a signal interrupts", .timeLimit(.minutes(10)))
  struct InterruptedWriteTests {
    @Test("A write to the log that a signal interrupts goes on, and loses nothing")
    func interrupted() async throws {
      var ends: [Int32] = [0, 0]
      try #require(pipe(&ends) == 0)
      let (reader, writer) = (ends[0], ends[1])
      // Without SA_RESTART, so that a blocked write returns with EINTR.
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in }
      try #require(sigaction(SIGUSR2, &action, nil) == 0)
      let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      let thread = Locked<pthread_t?>(nil)
      let outcome = Locked<Result<Void, any Error>?>(nil)
      let body: @Sendable () -> Void = {
        // Threads of the pool block signals, and those that they start inherit that.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGUSR2)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        thread.withLock { $0 = pthread_self() }
        let result = Result { try LogStream(descriptor: writer).write(bytes) }
        close(writer)
        outcome.withLock { $0 = result }
      }
      Thread.detachNewThread(body)
      while thread.withLock({ $0 }) == nil { await Task.yield() }
      // The pipe holds 64 KiB and is not read: the thread blocks in `write`, and is interrupted
      // there.
      for _ in 0..<20 {
        try await Task.sleep(for: .milliseconds(5))
        if let thread = thread.withLock({ $0 }), outcome.withLock({ $0 }) == nil {
          pthread_kill(thread, SIGUSR2)
        }
      }
      var all: [UInt8] = []
      var part = [UInt8](repeating: 0, count: 1 << 16)
      while all.count < bytes.count {
        let count = read(reader, &part, part.count)
        guard count > 0 else { break }
        all += part[..<count]
      }
      close(reader)
      while outcome.withLock({ $0 }) == nil { await Task.yield() }
      #expect(throws: Never.self) { try outcome.withLock { $0 }?.get() }
      #expect(all == bytes)
    }
  }
#endif
