import LambdaCache

extension Locked<Int> {
  /// Counts one more, and returns how many there are with it.
  package func increment() -> Int {
    withLock { count in
      count += 1
      return count
    }
  }
}
