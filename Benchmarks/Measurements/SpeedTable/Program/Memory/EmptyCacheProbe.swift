import AllocationCounter
import LambdaCache

/// The memory of caches before their first entry.
struct EmptyCacheProbe {
  enum Figure {
    static let unique = "unique"
    static let shared = "shared"
    static let adaptive = "adaptive"
  }

  private var count: Int { 64 }

  /// Bytes that malloc has handed out for each cache, and for ``UniqueCache`` its inline storage.
  func figures() -> [String: Double] {
    // The first cache of a process makes what all share.
    _ = Cache<String, String>(byteLimit: 1 << 20, policy: .adaptive)
    var shared: [Cache<String, String>] = []
    shared.reserveCapacity(count)
    let uniques = UnsafeMutablePointer<UniqueCache<String, String>>.allocate(capacity: count)
    let start = allocated_byte_count()
    for _ in 0..<count { shared.append(Cache(byteLimit: 1 << 20)) }
    let middle = allocated_byte_count()
    for index in 0..<count { (uniques + index).initialize(to: UniqueCache(byteLimit: 1 << 20)) }
    let end = allocated_byte_count()
    var adaptive: [Cache<String, String>] = []
    adaptive.reserveCapacity(count)
    let adaptiveStart = allocated_byte_count()
    for _ in 0..<count { adaptive.append(Cache(byteLimit: 1 << 20, policy: .adaptive)) }
    let adaptiveEnd = allocated_byte_count()
    precondition((shared + adaptive).allSatisfy(\.isEmpty), "a new cache was not empty")
    uniques.deinitialize(count: count)
    uniques.deallocate()
    return [
      Figure.shared: Double(middle - start) / Double(count),
      Figure.adaptive: Double(adaptiveEnd - adaptiveStart) / Double(count),
      Figure.unique: Double(end - middle) / Double(count)
        + Double(MemoryLayout<UniqueCache<String, String>>.size),
    ]
  }
}
