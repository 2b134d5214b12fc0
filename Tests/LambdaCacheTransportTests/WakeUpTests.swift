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

@Suite("A thread that is woken")
struct WakeUpTests {
  @Test("A thread is woken by any number of calls, until they are cleared, and again after that")
  func again() throws {
    let wakeUp = try WakeUp()
    func isWoken() throws -> Bool {
      try FileDescriptor.wait(for: wakeUp.descriptor, events: Int32(POLLIN), limit: .zero) == .ready
    }
    for _ in 0..<3 {
      #expect(try !isWoken())
      // More than a pipe keeps: a call never waits.
      for _ in 0..<100_000 { wakeUp.fire() }
      #expect(try isWoken())
      wakeUp.clear()
    }
    #expect(try !isWoken())
  }
}
