import LambdaCache
import TestSupport
import Testing

@Suite("UniqueCache: misuse traps and says why", .prompt)
struct UniqueCacheMisuseTests {
  /// The standard error of a process that trapped.
  private func text(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }

  @Test("UniqueCache traps on a negative byte limit and names it")
  func negativeByteLimit() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let cache = UniqueCache<Int, Int>(byteLimit: -1)
      _ = cache.count
    }
    #expect(text(result).contains("the byte limit of a cache is negative: -1"))
  }

  @Test("UniqueCache traps on a negative entry limit and names it")
  func negativeEntryLimit() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let cache = UniqueCache<Int, Int>(byteLimit: 1, entryLimit: -2)
      _ = cache.count
    }
    #expect(text(result).contains("the entry limit of a cache is negative: -2"))
  }

  @Test("UniqueCache traps on a negative limit of an entry's bytes and names it")
  func negativeEntryByteLimit() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let cache = UniqueCache<Int, Int>(byteLimit: 1) { $0.entryByteLimit = -3 }
      _ = cache.count
    }
    #expect(text(result).contains("the size limit of a cache's entries is negative: -3"))
  }

  @Test("UniqueCache traps on limits set to a negative number and names them")
  func negativeNewLimits() async {
    let bytes = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var cache = UniqueCache<Int, Int>(byteLimit: 1)
      cache.byteLimit = -4
    }
    #expect(text(bytes).contains("the byte limit of a cache is negative: -4"))
    let entries = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var cache = UniqueCache<Int, Int>(byteLimit: 1)
      cache.entryLimit = -5
    }
    #expect(text(entries).contains("the entry limit of a cache is negative: -5"))
  }

  @Test("UniqueCache traps on a negative size, measured or passed, and names it")
  func negativeSize() async {
    let measured = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20) { _, size in size }
      cache[1] = -16
    }
    #expect(text(measured).contains("the size of an entry is negative"))
    let passed = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20)
      cache.setValue(1, forKey: 1, heapByteCount: Int.min)
    }
    #expect(text(passed).contains("the size of an entry is negative"))
  }
}
