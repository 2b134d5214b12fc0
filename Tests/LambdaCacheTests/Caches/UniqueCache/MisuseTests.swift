import LambdaCache
import TestSupport
import Testing

@Suite("UniqueCache: misuse traps and says why", .prompt)
struct UniqueCacheMisuseTests {
  /// What a process that trapped wrote to standard error.
  private func text(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }

  @Test("A negative byte limit")
  func negativeByteLimit() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let cache = UniqueCache<Int, Int>(byteLimit: -1)
      _ = cache.count
    }
    #expect(text(result).contains("the byte limit of a cache is negative: -1"))
  }

  @Test("A negative entry limit")
  func negativeEntryLimit() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let cache = UniqueCache<Int, Int>(byteLimit: 1, entryLimit: -2)
      _ = cache.count
    }
    #expect(text(result).contains("the entry limit of a cache is negative: -2"))
  }

  @Test("A negative limit of an entry's bytes")
  func negativeEntryByteLimit() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let cache = UniqueCache<Int, Int>(byteLimit: 1, entryByteLimit: -3)
      _ = cache.count
    }
    #expect(text(result).contains("the size limit of a cache's entries is negative: -3"))
  }

  @Test("Limits set to a negative number")
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

  @Test("A negative size, measured or passed")
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
