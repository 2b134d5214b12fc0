import Foundation

/// A recorded stream of requests, perhaps with the sizes of what was asked for.
struct Trace {
  /// What the sizes of entries are.
  enum Sizes: String, CaseIterable {
    case oneEach = "one each"
    case own = "its own"
    case drawn
    case popularLarge = "popular-large"

    /// The end of the name of the file that has them.
    var fileExtension: String? {
      switch self {
      case .oneEach: nil
      case .own: "sizes.u32le"
      case .drawn: "drawn-sizes.u32le"
      case .popularLarge: "popular-large-sizes.u32le"
      }
    }
  }

  let name: String
  let sizes: Sizes
  let keys: [UInt32]
  /// The size at each request; empty if all are alike.
  let sizeOfRequest: [UInt32]
  /// The sizes of all different keys together; their number if all are alike.
  let footprint: Int

  /// Reads a trace.
  ///
  /// - Returns: `nil` if there is no such file.
  init?(_ name: String, _ sizes: Sizes, in folder: URL, atMost requests: Int) {
    guard
      let keys = Trace.words(of: folder.appending(path: "\(name).u32le"), atMost: requests)
    else { return nil }
    var sizeOfRequest: [UInt32] = []
    if let fileExtension = sizes.fileExtension {
      guard
        let words = Trace.words(
          of: folder.appending(path: "\(name).\(fileExtension)"), atMost: requests)
      else { return nil }
      sizeOfRequest = words
    }
    self.name = name
    self.sizes = sizes
    self.keys = sizeOfRequest.isEmpty ? keys : Array(keys.prefix(sizeOfRequest.count))
    self.sizeOfRequest = sizeOfRequest
    var seen: Set<UInt32> = []
    var footprint = 0
    for (place, key) in self.keys.enumerated() where seen.insert(key).inserted {
      footprint += sizeOfRequest.isEmpty ? 1 : Int(sizeOfRequest[place])
    }
    self.footprint = footprint
  }

  private static func words(of file: URL, atMost count: Int) -> [UInt32]? {
    guard let data = try? Data(contentsOf: file) else { return nil }
    return (0..<min(count, data.count / 4)).map { place in
      data.subdata(in: place * 4..<place * 4 + 4).reversed().reduce(UInt32(0)) {
        $0 << 8 | UInt32($1)
      }
    }
  }

  /// The hits of the best choice there is, which knows all requests to come (Belady, 1966); `nil`
  /// where sizes differ, since none is known for those.
  func hitsOfTheBestChoice(entries: Int) -> Int? {
    guard sizeOfRequest.isEmpty else { return nil }
    var next = [Int](repeating: .max, count: keys.count)
    var later: [UInt32: Int] = [:]
    for place in keys.indices.reversed() {
      next[place] = later[keys[place]] ?? .max
      later[keys[place]] = place
    }
    var present: [UInt32: Int] = [:]
    var queue = LatestFirst()
    var hits = 0
    for (place, key) in keys.enumerated() {
      if present[key] != nil {
        hits += 1
      } else if present.count >= entries {
        // Entries whose use has come stand in the queue with a time that is past.
        while let farthest = queue.popFirst() {
          guard present[farthest.key] == farthest.use else { continue }
          present[farthest.key] = nil
          break
        }
      }
      present[key] = next[place]
      queue.insert(use: next[place], key: key)
    }
    return hits
  }
}

/// A heap whose first element has the latest next use.
private struct LatestFirst {
  private var heap: [(use: Int, key: UInt32)] = []

  mutating func insert(use: Int, key: UInt32) {
    heap.append((use, key))
    var place = heap.count - 1
    while place > 0, heap[place].use > heap[(place - 1) / 2].use {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func popFirst() -> (use: Int, key: UInt32)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var place = 0
    while true {
      var largest = place
      for child in [2 * place + 1, 2 * place + 2]
      where child < heap.count && heap[child].use > heap[largest].use {
        largest = child
      }
      guard largest != place else { return first }
      heap.swapAt(place, largest)
      place = largest
    }
  }
}
