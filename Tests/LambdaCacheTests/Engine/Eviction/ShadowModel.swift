@testable import LambdaCache

/// The rules of a ``ShadowCache``, with arrays and one step after the other.
struct ShadowModel {
  private struct Entry {
    var hash: UInt32
    var size: UInt32
    var worth: UInt32 = 0
    var birth: UInt32
    var uses = 0
  }

  let mode: EvictionMode
  var limit = 0
  /// The entries of a queue by octave, the last that came first.
  private var queues: [EvictionQueue: [Int: [Entry]]] = [.small: [:], .main: [:]]
  private var clocks: [EvictionQueue: UInt32] = [.small: 0, .main: 0]
  private var insertedBytes: UInt32 = 0
  private var ghost = GhostTable()

  init(mode: EvictionMode, capacity: Int) {
    self.mode = mode
    if mode.countsUses { ghost.resize(toCapacity: capacity / 2) }
  }

  mutating func release() { ghost.resize(toCapacity: 0) }

  private func size(of queue: EvictionQueue) -> Int {
    queues[queue]!.values.joined().reduce(0) { $0 + Int($1.size) }
  }

  var size: Int { size(of: .small) + size(of: .main) }

  var count: Int { queues.values.map { $0.values.joined().count }.reduce(0, +) }

  private func octave(of size: UInt32) -> Int {
    mode.separatesSizes ? SizeOctave.octave(ofByteCount: Int(size)) : 0
  }

  private func place(of hash: UInt32) -> (queue: EvictionQueue, octave: Int, index: Int)? {
    for (queue, lists) in queues {
      for (octave, list) in lists {
        if let index = list.firstIndex(where: { $0.hash == hash }) { return (queue, octave, index) }
      }
    }
    return nil
  }

  private mutating func put(_ entry: Entry, into queue: EvictionQueue, worthUses uses: Int) {
    var entry = entry
    let octave = octave(of: entry.size)
    entry.worth = clocks[queue]! &+ UInt32(uses) << (20 - UInt32(octave))
    queues[queue]![octave, default: []].insert(entry, at: 0)
  }

  /// The octave whose last entry is worth least; the clock advances to it.
  private mutating func octaveOfLast(in queue: EvictionQueue) -> Int {
    let lists = queues[queue]!.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
    let clock = clocks[queue]!
    let distances = lists.map { ($0.key, Int32(bitPattern: $0.value.last!.worth &- clock)) }
    let least = distances.min { $0.1 < $1.1 }!
    if mode.separatesSizes, least.1 > 0 { clocks[queue]! &+= UInt32(least.1) }
    return least.0
  }

  mutating func access(_ hash: UInt32) -> Bool {
    guard let (queue, octave, index) = place(of: hash) else { return false }
    if mode == .leastRecentlyUsed {
      put(queues[queue]![octave]!.remove(at: index), into: .main, worthUses: 1)
      return true
    }
    let entry = queues[queue]![octave]![index]
    let isYoung = queue == .small && Int(insertedBytes &- entry.birth) * 20 < min(limit, size)
    if !isYoung { queues[queue]![octave]![index].uses = min(entry.uses + 1, 3) }
    return true
  }

  /// Takes a key in that is not there.
  mutating func insert(_ hash: UInt32, size: UInt32) {
    guard Int(size) <= limit else { return }
    let present = self.size
    let entry = Entry(hash: hash, size: size, birth: insertedBytes)
    if mode == .leastRecentlyUsed || ghost.remove(hash) {
      put(entry, into: .main, worthUses: 1)
    } else {
      insertedBytes &+= size
      put(entry, into: .small, worthUses: 1)
    }
    if mode.countsUses { fillMain(of: min(present, limit)) }
    while self.size > limit { evict() }
  }

  private mutating func fillMain(of size: Int) {
    for _ in 0..<32 {
      guard queues[.small]!.values.joined().count > 1, self.size(of: .small) * 5 > size else {
        return
      }
      let octave = octaveOfLast(in: .small)
      var entry = queues[.small]![octave]!.last!
      guard (self.size(of: .main) + Int(entry.size)) * 5 <= size * 4 else { return }
      queues[.small]![octave]!.removeLast()
      entry.uses = 0
      put(entry, into: .main, worthUses: 1)
    }
  }

  private mutating func evict() {
    var steps = 0
    while true {
      let small = size(of: .small)
      let queue: EvictionQueue =
        small > 0 && (size(of: .main) == 0 || small * 5 > min(size, limit)) ? .small : .main
      let octave = octaveOfLast(in: queue)
      var entry = queues[queue]![octave]!.removeLast()
      guard entry.uses > 0, steps < 32 else {
        if queue == .small { ghost.insert(entry.hash) }
        return
      }
      steps += 1
      entry.uses = queue == .small ? 0 : entry.uses - 1
      put(entry, into: .main, worthUses: 1 + entry.uses)
    }
  }
}
