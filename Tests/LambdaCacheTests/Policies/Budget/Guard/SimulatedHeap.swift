import LambdaCache
import TestSupport

/// A value that says it owns so many bytes and owns none.
struct ClaimedBytes: HeapSized, Sendable {
  let heapByteCount: Int
}

/// A heap whose pages are resident until every block on them is free and it is trimmed.
///
/// Blocks smaller than a page share pages with those of the same size class, and only such a block
/// takes the place of one that was freed; larger ones have pages of their own.
final class SimulatedHeap: Sendable {
  private struct Page {
    var blockByteCount = 0
    var liveCount = 0
  }

  private struct Block {
    let page: Int
    /// Those of a block that needs more than one.
    let furtherPages: [Int]
    let byteCount: Int
  }

  private struct State {
    var pages: [Page] = []
    /// Pages without a block that are still resident.
    var freePages: [Int] = []
    /// Pages that had room for a block of a size when they were noted.
    var roomyPages: [Int: [Int]] = [:]
    var blocks: [Int: Block] = [:]
    var residentPageCount = 0
    /// Those of blocks that caches hold.
    var liveByteCount = 0
    var trims = 0
    var isBlind = false
    var base = 10 << 20
    var handler = 0
    var left = 0
    var structure: @Sendable () -> Int = { 0 }
    var peak = 0
    var time: Int64 = 0

    mutating func page(forBlocksOf byteCount: Int) -> Int {
      while let page = roomyPages[byteCount]?.last {
        let perPage = SimulatedHeap.pageByteCount / byteCount
        if pages[page].blockByteCount == byteCount, (1..<perPage).contains(pages[page].liveCount) {
          return page
        }
        roomyPages[byteCount]?.removeLast()
      }
      if let page = freePages.popLast() {
        pages[page].blockByteCount = byteCount
        return page
      }
      pages.append(Page(blockByteCount: byteCount))
      residentPageCount += 1
      return pages.count - 1
    }

    mutating func use(forBlockOf byteCount: Int) -> Int {
      let page = page(forBlocksOf: byteCount)
      pages[page].liveCount += 1
      if pages[page].liveCount == 1, byteCount < SimulatedHeap.pageByteCount {
        roomyPages[byteCount, default: []].append(page)
      }
      return page
    }

    mutating func letGo(of page: Int, byteCount: Int) {
      pages[page].liveCount -= 1
      if pages[page].liveCount == 0 {
        pages[page].blockByteCount = 0
        freePages.append(page)
      } else {
        roomyPages[byteCount, default: []].append(page)
      }
    }
  }

  static let pageByteCount = 4096
  private let state = Locked(State())

  var readings: MemoryReadings {
    MemoryReadings(
      resident: { self.state.withLock { $0.isBlind } ? nil : self.resident },
      peakResident: { self.peak }, group: { nil }, groupLimit: nil, trim: { self.trim() },
      nanoseconds: {
        self.state.withLock { state in
          state.time += 1000
          return state.time
        }
      })
  }

  /// Connects what the caches take beside the blocks.
  func follow(_ structure: @escaping @Sendable () -> Int) {
    state.withLock { $0.structure = structure }
  }

  var liveByteCount: Int { state.withLock { $0.liveByteCount } }
  var trimCount: Int { state.withLock { $0.trims } }
  var peak: Int { state.withLock { $0.peak } }

  /// Makes the resident set unreadable, or readable again.
  func setBlind(_ isBlind: Bool) { state.withLock { $0.isBlind = isBlind } }

  /// The handler's bytes in use, outside the pages of the blocks.
  func setHandler(_ byteCount: Int) { state.withLock { $0.handler = byteCount } }

  var resident: Int {
    let structure = state.withLock { $0.structure }()
    return state.withLock { state in
      let heap = state.residentPageCount * Self.pageByteCount
      let resident = state.base + state.handler + state.left + structure + heap
      state.peak = max(state.peak, resident)
      return resident
    }
  }

  func allocate(_ id: Int, byteCount: Int) {
    state.withLock { state in
      let furtherCount = (byteCount - 1) / Self.pageByteCount
      let page = state.use(forBlockOf: byteCount)
      let furtherPages =
        furtherCount == 0 ? [] : (0..<furtherCount).map { _ in state.use(forBlockOf: byteCount) }
      state.blocks[id] = Block(page: page, furtherPages: furtherPages, byteCount: byteCount)
    }
  }

  /// Notes that the caches hold a block, and count it.
  func enterCache(byteCount: Int) { state.withLock { $0.liveByteCount += byteCount } }

  func free(_ id: Int) {
    state.withLock { state in
      guard let block = state.blocks.removeValue(forKey: id) else { return }
      state.liveByteCount -= block.byteCount
      state.letGo(of: block.page, byteCount: block.byteCount)
      for page in block.furtherPages { state.letGo(of: page, byteCount: block.byteCount) }
    }
  }

  /// Bytes that a handler has freed and the allocator keeps.
  func leave(_ byteCount: Int) { state.withLock { $0.left = byteCount } }

  private func trim() {
    state.withLock { state in
      state.residentPageCount -= state.freePages.count
      state.freePages = []
      state.left = 0
      state.trims += 1
    }
  }
}
