import Foundation
import LambdaCache
import LambdaCacheTransport
import TestSupport
import Testing

/// The executor that lends its place.
@Suite("A thread for calls that block", .prompt, .timeLimit(.minutes(10)))
struct IOThreadTests {
  /// An actor on such a thread.
  private actor Resident {
    private let thread: IOThread
    private(set) var count = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor {
      thread.executor.asUnownedSerialExecutor()
    }

    init() throws { thread = try IOThread() }

    /// Adds one in place of the thread, if that is idle.
    nonisolated func addHere() -> Bool {
      thread.executor.lend { assumeIsolated { $0.count += 1 } } != nil
    }

    /// Tries the same from another thread while the actor's own is in this method.
    func addWhileBusy() -> Bool {
      let added = Locked(false)
      let done = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        added.withLock { $0 = self.addHere() }
        done.signal()
      }
      done.wait()
      return added.withLock { $0 }
    }

    func add() { count += 1 }

    /// Adds one on a thread that has borrowed nothing, while this one has.
    nonisolated func addOutOfPlace() {
      thread.executor.lend {
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
          self.assumeIsolated { $0.count += 1 }
          done.signal()
        }
        done.wait()
      }
    }
  }

  @Test("A thread for blocking calls lends its place while it is idle, and not while it works")
  func lending() async throws {
    let resident = try Resident()
    #expect(resident.addHere())
    #expect(await !resident.addWhileBusy())
    #expect(await resident.count == 1)
  }

  @Test("A thread for blocking calls and the borrower of its place never work at once")
  func exclusive() async throws {
    let resident = try Resident()
    let borrowed = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask {
          var added = 0
          while added < 500 { if resident.addHere() { added += 1 } else { await Task.yield() } }
          return added
        }
        group.addTask {
          for _ in 0..<500 { await resident.add() }
          return 0
        }
      }
      return await group.reduce(0, +)
    }
    #expect(borrowed == 2000)
    #expect(await resident.count == 4000)
  }

  @Test("A thread for blocking calls is not taken for any other, even while its place is borrowed")
  func otherThread() async {
    let ended = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      try Resident().addOutOfPlace()
    }
    let output = String(decoding: ended?.standardErrorContent ?? [], as: UTF8.self)
    #expect(output.contains("not on the actor's thread"), "\(output)")
  }
}
