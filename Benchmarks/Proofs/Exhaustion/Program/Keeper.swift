import LambdaCache

/// The store of the values.
protocol Keeper: AnyObject {
  func keep(_ value: [UInt8], forKey key: String)
  /// Called at the end of an invocation.
  func end()
  /// Called when the invocation has been measured.
  func afterwards()
  /// Bytes that are kept, as far as they are known.
  var heldByteCount: Int { get }
  var entryCount: Int { get }
  /// What the guard has done, by name.
  var guardFigures: [String: Int] { get }
}

/// Keeps nothing: what the handler takes by itself, when each of its spikes has to have its memory
/// from the system.
final class NoKeeper: Keeper {
  func keep(_ value: [UInt8], forKey key: String) {}
  func end() {}
  func afterwards() { Process.trim() }

  var heldByteCount: Int { 0 }
  var entryCount: Int { 0 }
  var guardFigures: [String: Int] { [:] }
}

extension Keeper {
  func afterwards() {}
}

/// The dictionary outside the handler that every article on Lambda begins with.
final class NaiveKeeper: Keeper {
  private var values: [String: [UInt8]] = [:]
  private(set) var heldByteCount = 0

  func end() {}

  func keep(_ value: [UInt8], forKey key: String) {
    values[key] = value
    heldByteCount += key.heapByteCount + value.heapByteCount
  }

  var entryCount: Int { values.count }
  var guardFigures: [String: Int] { [:] }
}

/// A cache on a memory budget.
final class CacheKeeper: Keeper {
  private let budget: MemoryBudget
  private let cache: Cache<String, [UInt8]>

  init(environment: [String: String]) throws {
    budget = try MemoryBudget(environment: environment)
    cache = Cache(named: "exhaustion", in: budget)
  }

  func keep(_ value: [UInt8], forKey key: String) { cache[key] = value }

  func end() { budget.invocationDidEnd() }

  var heldByteCount: Int { cache.byteCount }
  var entryCount: Int { cache.count }
  var guardFigures: [String: Int] { budget.guardFigures }
}
