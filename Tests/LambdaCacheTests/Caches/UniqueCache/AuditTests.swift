import LambdaCache
import Synchronization
import Testing

/// A value whose size can change behind the cache's back.
private final class Growing: Sendable {
  let size: Mutex<Int>

  init(_ size: Int) {
    self.size = Mutex(size)
  }
}

@Suite("Auditing the ledger")
struct AuditTests {
  @Test("A ledger that is right has no drift, whatever has happened")
  func hasNoDrift() {
    var cache = UniqueCache<String, [Int]>(byteLimit: 20_000, timeToLive: .seconds(1))
    for key in 0..<500 { cache["key \(key % 90)"] = Array(0..<key % 40) }
    let audit = cache.byteAudit
    #expect(audit.drift == 0)
    #expect(audit.ledgerByteCount == cache.byteCount)
    #expect(audit.recomputedByteCount == cache.byteCount)
    let empty = UniqueCache<Int, Int>(byteLimit: 0)
    #expect(empty.byteAudit == ByteAudit(ledgerByteCount: 0, recomputedByteCount: 0))
  }

  @Test("An entry that changed its size shows as drift")
  func findsDrift() {
    var cache = UniqueCache<Int, Growing>(byteLimit: 1 << 20) { $1.size.withLock { $0 } }
    let value = Growing(64)
    cache[1] = value
    cache[2] = Growing(16)
    #expect(cache.byteAudit.drift == 0)
    value.size.withLock { $0 = 1_000 }
    #expect(cache.byteAudit.drift == 64 - 1_008)
    #expect(cache.checkInvariants().count == 1)
    #expect(cache.checkInvariants().first?.hasPrefix("M3: ") == true)
    value.size.withLock { $0 = 0 }
    #expect(cache.byteAudit.drift == 64)
  }

  @Test("A size that was passed and is not what the cache measures shows as drift")
  func findsPassedSize() {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20)
    cache.setValue(1, forKey: 1, heapByteCount: 100)
    #expect(cache.byteAudit.drift == 112)
    cache.setValue(1, forKey: 1)
    #expect(cache.byteAudit.drift == 0)
    #expect(cache.checkInvariants() == [])
  }
}
