import LambdaCache
import Synchronization
import Testing

/// A key that owns as many bytes as it says, equal to every other of its number.
private struct SizedKey: Hashable, Sendable, HeapSized {
  let number: Int
  let size: Int
  var atEnd: AtEnd?

  init(_ number: Int, size: Int, atEnd: AtEnd? = nil) {
    (self.number, self.size, self.atEnd) = (number, size, atEnd)
  }

  var heapByteCount: Int { size }
  static func == (first: SizedKey, second: SizedKey) -> Bool { first.number == second.number }
  func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

/// Calls a closure when it is destroyed.
private final class AtEnd: Sendable {
  private let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  deinit { body() }
}

@Suite("An equal key of another size", .timeLimit(.minutes(10)))
struct ReplacedKeyTests {
  /// One key with a hundred thousand bytes of capacity, or as few as it takes.
  private func text(_ number: Int, isRoomy: Bool) -> String {
    var text = ""
    if isRoomy { text.reserveCapacity(100_000) }
    text += "a key that does not fit inline, number \(number)"
    return text
  }

  @Test("Texts of other capacities written over each other leave the ledger exact")
  func texts() {
    let cache = Cache<String, Int>(byteLimit: 64 << 20)
    var unique = UniqueCache<String, Int>(byteLimit: 64 << 20)
    for round in 0..<3 {
      for number in 0..<200 {
        cache[text(number, isRoomy: round == 0)] = round
        unique[text(number, isRoomy: round == 1)] = round
      }
      #expect(cache.byteAudit.drift == 0)
      #expect(unique.byteAudit.drift == 0)
      #expect((cache.byteCount > 19_000_000) == (round == 0))
      #expect((unique.byteCount > 19_000_000) == (round == 1))
    }
    #expect(cache.count == 200 && unique.count == 200)
    #expect(cache.statistics.replacements == 400)
  }

  @Test("An equal key of another size leaves the ledger exact, however a value is written")
  func everyWrite() async throws {
    let clock = ManualClock()
    let cache = Cache<SizedKey, Int>(byteLimit: 1 << 20, timeToLive: .seconds(10)) {
      $0.loading.staleIfError = .seconds(10)
      $0.clock = clock
      $0.tags = { key, _ in ["size \(key.size)"] }
    }
    var size = 1_000
    func next() -> SizedKey {
      size += size < 20_000 ? 1_600 : -19_000
      return SizedKey(1, size: size)
    }
    func check(_ place: Comment) {
      let audit = cache.byteAudit
      #expect(audit.drift == 0, place)
      #expect(cache.hottest(1).first?.key.size == size, place)
      #expect(cache.tags(forKey: SizedKey(1, size: 0)) == ["size \(size)"], place)
      #expect(cache.checkInvariants() == [], place)
    }
    for round in 0..<20 {
      cache[next()] = round
      check("a write")
      cache.updateValue(forKey: next()) { $0 = ($0 ?? 0) + 1 }
      check("a change in place")
      clock.advance(by: .seconds(11))
      cache[next()] = round
      check("a write over a stale value")
      clock.advance(by: .seconds(11))
      _ = try await cache.value(forKey: next()) { _ in round }
      clock.advance(by: .seconds(11))
      _ = try await cache.values(forKeys: [next()]) { keys in
        Dictionary(uniqueKeysWithValues: keys.map { ($0, round) })
      }
      #expect(cache.byteAudit.drift == 0)
      clock.advance(by: .seconds(30))
      _ = cache.value(forKey: next()) { round }
      check("a value made where there was none")
      cache.setTimeToLive(.seconds(round + 1), forKey: SizedKey(1, size: 5))
      check("another time to live")
    }
  }

  @Test(
    "An equal key of another size is measured with the value that is changed in place, and takes the old one's place"
  )
  func inPlace() {
    var cache = UniqueCache<SizedKey, [UInt8]>(byteLimit: 1 << 20)
    for round in 1...40 {
      cache[SizedKey(1, size: round * 640)] = [1]
      cache.updateValue(forKey: SizedKey(1, size: 16)) { $0 = [UInt8](repeating: 2, count: round) }
      #expect(cache.keys.map(\.size) == [16])
      #expect(cache.byteAudit.drift == 0)
    }
  }

  @Test("An equal key of another size is refused with too large a value, and removes the old key")
  func rejection() {
    let cache = Cache<SizedKey, Int>(byteLimit: 64 << 10)
    cache[SizedKey(1, size: 160)] = 1
    #expect(cache.setValue(2, forKey: SizedKey(1, size: 1 << 20)) == .rejected)
    #expect(cache.isEmpty)
    #expect(cache.checkInvariants() == [])
  }

  @Test("A removal listener is given the key that leaves, not an equal one of another size")
  func listener() {
    let told = Mutex<[Int]>([])
    let cache = Cache<SizedKey, Int>(byteLimit: 1 << 20) {
      $0.onRemoval = { key, _, _ in told.withLock { $0.append(key.size) } }
    }
    cache[SizedKey(1, size: 16)] = 1
    cache[SizedKey(1, size: 32)] = 2
    cache[SizedKey(1, size: 48)] = 3
    cache.removeAll()
    #expect(told.withLock { $0 } == [16, 32, 48])
  }

  @Test("An equal key's predecessor is destroyed after the lock's release, once, in the same call")
  func destruction() {
    let destroyed = Mutex<[Int]>([])
    let cache = Cache<SizedKey, Int>(byteLimit: 1 << 20)
    for number in 0..<5 {
      // It would wait for itself if the lock were held.
      let atEnd = AtEnd { [weak cache] in
        let count = cache?.count ?? -1
        destroyed.withLock { $0.append(number * 10 + count) }
      }
      cache[SizedKey(1, size: 16, atEnd: atEnd)] = number
      #expect(destroyed.withLock { $0.count } == number)
    }
    #expect(destroyed.withLock { $0 } == [1, 11, 21, 31])
  }
}
