import LambdaCache

extension Cache<Int, Int> {
  /// A cache whose only entry, 1 for the key 1, has expired ten seconds ago.
  static func withStaleEntry(
    on clock: ManualClock, configure: (inout CacheOptions<Int, Int>) -> Void
  ) -> Cache<Int, Int> {
    let cache = Cache(byteLimit: 1 << 20, timeToLive: .seconds(10)) {
      configure(&$0)
      $0.clock = clock
    }
    cache[1] = 1
    clock.advance(by: .seconds(20))
    return cache
  }
}
