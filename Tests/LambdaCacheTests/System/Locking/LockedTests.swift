import LambdaCache
import TestSupport
import Testing

@Suite("A value behind a lock", .prompt)
struct LockedTests {
  @Test("A lock that is taken is not waited for, and a free one is taken")
  func ifFree() {
    let value = Locked(1)
    let within: Void? = value.withLock { _ in value.withLockIfFree { $0 += 1 } }
    #expect(within == nil)
    let outside: Int? = value.withLockIfFree { number in
      number += 1
      return number
    }
    #expect(outside == 2)
    #expect(value.withLock { $0 } == 2)
  }
}
