import LambdaCache

/// The cache of an execution environment, and the loads under way in it.
final class EnvironmentCache {
  private var engine: SimulatedEngine
  private let clock = SimulationClock()
  private let usesTime: Bool
  /// Loads under way, in the order of their ends.
  private var loads: [Load] = []

  private struct Load {
    var end: Int64
    var key: UInt64
    var heapBytes: UInt32
  }

  /// How a look-up ends.
  enum LookUp {
    case hit
    /// Another invocation loads the value, until then.
    case joins(until: Int64)
    case miss
  }

  init(_ cache: CacheLimit) {
    engine = cache.makeEngine(clock: clock)
    usesTime = cache.timeToLiveMilliseconds != nil
  }

  /// Looks a key up at a time that is not before any other.
  func lookUp(_ key: UInt64, at time: Int64) -> LookUp {
    while let load = loads.first, load.end <= time {
      if usesTime { clock.elapsed = .microseconds(load.end) }
      if load.heapBytes != RequestLog.neverStored {
        engine.setValue(InlinePadding(), forKey: load.key, heapByteCount: Int(load.heapBytes))
      }
      loads.removeFirst()
    }
    if let load = loads.first(where: { $0.key == key }) { return .joins(until: load.end) }
    if usesTime { clock.elapsed = .microseconds(time) }
    return engine.value(forKey: key) == nil ? .miss : .hit
  }

  /// Notes a load that ends at a time.
  func beginLoad(_ key: UInt64, heapBytes: UInt32, end: Int64) {
    let place = loads.firstIndex { $0.end > end } ?? loads.count
    loads.insert(Load(end: end, key: key, heapBytes: heapBytes), at: place)
  }
}

/// Invocations under way, the one that ends first on top; of several that end together, the one
/// that began first.
struct InvocationHeap {
  struct Invocation {
    var end: Int64
    var number: Int
    /// The place of its environment.
    var environment: Int

    func isBefore(_ other: Invocation) -> Bool {
      end == other.end ? number < other.number : end < other.end
    }
  }

  private var items: [Invocation] = []

  var first: Invocation? { items.first }

  mutating func insert(_ invocation: Invocation) {
    items.append(invocation)
    var child = items.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard items[child].isBefore(items[parent]) else { return }
      items.swapAt(child, parent)
      child = parent
    }
  }

  mutating func removeFirst() -> Invocation {
    items.swapAt(0, items.count - 1)
    let first = items.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in 2 * parent + 1...2 * parent + 2
      where child < items.count && items[child].isBefore(items[least]) {
        least = child
      }
      guard least != parent else { return first }
      items.swapAt(parent, least)
      parent = least
    }
  }
}
