import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Runs independent pieces of work on a few threads.
package enum Parallel {
  /// Results of pieces of work, in the order of their numbers.
  ///
  /// - Parameters:
  ///   - count: How many pieces there are.
  ///   - threads: How many of them run at the same time.
  ///   - work: Does the piece with a number.
  package static func map<Result: Sendable>(
    _ count: Int, threads: Int, _ work: @Sendable (Int) -> Result
  ) -> [Result] {
    guard count > 0 else { return [] }
    guard threads > 1, count > 1 else { return (0..<count).map(work) }
    let results = UnsafeMutablePointer<Result?>.allocate(capacity: count)
    results.initialize(repeating: nil, count: count)
    defer {
      results.deinitialize(count: count)
      results.deallocate()
    }
    // The closure ends before this function does: all threads are joined below.
    withoutActuallyEscaping(work) { work in
      let shared = SharedWork(count: count) { number in
        results[number] = work(number)
      }
      var handles: [pthread_t] = []
      for _ in 1..<min(threads, count) {
        if let handle = shared.start() { handles.append(handle) }
      }
      shared.runUntilDone()
      for handle in handles { pthread_join(handle, nil) }
    }
    return (0..<count).map { results[$0]! }
  }
}

/// Pieces of work that threads take one after the other.
private final class SharedWork: @unchecked Sendable {
  private let next = Atomic<Int>(0)
  private let count: Int
  private let work: (Int) -> Void

  init(count: Int, work: @escaping (Int) -> Void) {
    self.count = count
    self.work = work
  }

  func runUntilDone() {
    while true {
      let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard number < count else { return }
      work(number)
    }
  }

  /// Starts a thread that shares the work; `nil` if the system has none.
  func start() -> pthread_t? {
    #if canImport(Darwin)
      var handle: pthread_t?
    #else
      var handle = pthread_t()
    #endif
    let status = pthread_create(
      &handle, nil,
      { argument in
        #if canImport(Darwin)
          let context = argument
        #else
          let context = argument!
        #endif
        Unmanaged<SharedWork>.fromOpaque(context).takeRetainedValue().runUntilDone()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    guard status == 0 else {
      Unmanaged.passUnretained(self).release()
      return nil
    }
    return handle
  }
}
