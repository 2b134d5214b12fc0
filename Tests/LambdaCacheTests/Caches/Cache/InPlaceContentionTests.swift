import LambdaCache
import Testing

@Suite("Many threads that change values in place", .serialized, .timeLimit(.minutes(15)))
struct InPlaceContentionTests {
  private static let threads = 4
  private static let rounds = 500
  private static let keys = 3

  /// A number behind a reference: a change makes another object, perhaps where the former one was.
  private final class Box: Sendable {
    let number: Int

    init(_ number: Int) {
      self.number = number
    }
  }

  @Test("Threads that change values in place lose no change")
  func updates() {
    let numbers = Cache<Int, Int>(byteLimit: 1 << 20)
    let boxes = Cache<Int, Box>(byteLimit: 1 << 20, heapByteCount: { _, _ in 32 })
    let ended = Threads.run(Self.threads) { thread in
      for round in 0..<Self.rounds {
        let key = (thread + round) % Self.keys
        numbers.updateValue(forKey: key) { $0 = ($0 ?? 0) + 1 }
        boxes.updateValue(forKey: key) { $0 = Box(($0?.number ?? 0) + 1) }
      }
    }
    #expect(ended, "a thread hangs")
    #expect(numbers.hottest().reduce(0) { $0 + $1.value } == Self.threads * Self.rounds)
    #expect(boxes.hottest().reduce(0) { $0 + $1.value.number } == Self.threads * Self.rounds)
    #expect(boxes.checkInvariants() == [])
  }

  @Test("Threads that find no value all get the one that was set first")
  func insertions() {
    let cache = Cache<Int, Int>(byteLimit: 1 << 24)
    let given = Locked<[Int: Set<Int>]>([:])
    let ended = Threads.run(Self.threads) { thread in
      var own: [Int: Int] = [:]
      for key in 0..<Self.rounds {
        own[key] = cache.value(forKey: key) { key * Self.threads + thread }
      }
      given.withLock { given in
        for (key, value) in own { given[key, default: []].insert(value) }
      }
    }
    #expect(ended, "a thread hangs")
    for (key, values) in given.withLock({ $0 }) {
      #expect(values == [cache[key]], "key \(key)")
    }
    #expect(cache.statistics.insertions == Self.rounds)
  }

  @Test("Threads that remove by a condition remove a value once, and none that does not fulfil it")
  func conditionalRemovals() {
    let cache = Cache<Int, Box>(byteLimit: 1 << 20, heapByteCount: { _, _ in 32 })
    let removed = Locked<[Int]>([])
    let ended = Threads.run(Self.threads) { thread in
      var own: [Int] = []
      for round in 0..<Self.rounds {
        let key = round % Self.keys
        cache.setValue(Box(round * Self.threads + thread), forKey: key)
        if let box = cache.removeValue(forKey: key, where: { $0.number % 2 == 0 }) {
          own.append(box.number)
        }
      }
      removed.withLock { $0 += own }
    }
    #expect(ended, "a thread hangs")
    let numbers = removed.withLock { $0 }
    #expect(numbers.allSatisfy { $0 % 2 == 0 })
    #expect(Set(numbers).count == numbers.count, "a value was removed twice")
    #expect(cache.statistics.removals.explicit == numbers.count)
    #expect(numbers.count > 0)
  }

  @Test("Removing all values that fulfil a condition spares those that have taken their place")
  func bulkRemovals() {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20)
    let ended = Threads.run(2) { thread in
      for round in 0..<100 {
        if thread == 0 {
          // Odd values are never to go, whatever they replace.
          for key in 0..<20 { cache[key] = round * 2 + key % 2 }
          for key in 0..<20 { cache[key] = round * 2 + 1 }
        } else {
          cache.removeAll { _, value in value % 2 == 0 }
        }
      }
    }
    #expect(ended, "a thread hangs")
    #expect(cache.hottest().map(\.value) == [Int](repeating: 199, count: 20))
  }
}
