/// The last event of each of the latest keys that have left a cache, or were rejected.
///
/// Guarded by the cache's lock. Keys are distinguished by the 32 bits of their hash, and of two
/// whose hashes end alike the later one is kept. A record takes 16 bytes.
@usableFromInline
package final class MissLog: @unchecked Sendable {
  /// The last event of a key.
  enum Event: UInt8 {
    case none
    case removed
    case expired
    case evictedForSize
    case evictedForPressure
    case rejected
    case loadFailed
  }

  private struct Record {
    var tick: Tick = 0
    var hash: UInt32 = 0
    var event = Event.none
  }

  private let records: UnsafeMutablePointer<Record>
  private let mask: Int

  /// - Parameter capacity: How many keys to remember, from 1; rounded up to a power of two.
  init(capacity: Int) {
    let count = 1 << (Int.bitWidth - (capacity - 1).leadingZeroBitCount)
    mask = count - 1
    records = .allocate(capacity: count)
    records.initialize(repeating: Record(), count: count)
  }

  deinit { records.deallocate() }

  /// The most keys that are remembered.
  var capacity: Int { mask + 1 }

  /// Bytes in use.
  var byteCount: Int {
    Allocator.allocationByteCount(forRequest: capacity * MemoryLayout<Record>.stride)
  }

  /// Notes an event of a key.
  func note(_ event: Event, hash: UInt32, at tick: Tick) {
    records[Int(hash) & mask] = Record(tick: tick, hash: hash, event: event)
  }

  /// Notes why a key's entry leaves.
  @usableFromInline
  func noteRemoval(_ cause: RemovalCause, hash: UInt32, at tick: Tick) {
    switch cause {
    case .explicit: note(.removed, hash: hash, at: tick)
    case .expired: note(.expired, hash: hash, at: tick)
    case .size: note(.evictedForSize, hash: hash, at: tick)
    case .pressure: note(.evictedForPressure, hash: hash, at: tick)
    case .replaced: break
    }
  }

  /// The last event of a key and its time; `nil` if there was none, or if it is forgotten.
  func last(ofHash hash: UInt32) -> (event: Event, tick: Tick)? {
    let record = records[Int(hash) & mask]
    return record.hash == hash && record.event != .none ? (record.event, record.tick) : nil
  }
}
