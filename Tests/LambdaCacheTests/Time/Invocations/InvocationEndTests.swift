import LambdaCache
import Testing

@Suite("Observers of the ends of invocations")
struct InvocationEndTests {
  private final class Counter: InvocationEndObserver {
    let count = Locked(0)

    func invocationDidEnd(isAnyOpen: Bool) { count.withLock { $0 += 1 } }

    deinit { InvocationEnds.remove(self) }
  }

  @Test("An observer is called when an invocation has ended, and not before")
  func ends() async {
    let counter = Counter()
    let scope = InvocationScope()
    InvocationEnds.add(counter)
    let before = counter.count.withLock { $0 }
    await scope.finish()
    // Other tests end invocations, too.
    #expect(counter.count.withLock { $0 } > before)
    InvocationEnds.remove(counter)
    let after = counter.count.withLock { $0 }
    await InvocationScope().finish()
    #expect(counter.count.withLock { $0 } == after)
  }

  @Test("An observer is not kept alive")
  func lifetime() async {
    weak var gone: Counter?
    do {
      let counter = Counter()
      gone = counter
      InvocationEnds.add(counter)
    }
    #expect(gone == nil)
    await InvocationScope().finish()
  }
}
