/// A number for each slot, zero but for some, in pages of which only those exist that have others.
struct SparseColumn {
  private static let pageSize = 128
  /// An empty page has zeros only; in the others the number of those that are not zero comes last.
  private var pages: ContiguousArray<ContiguousArray<UInt32>> = []
  private(set) var pageCount = 0

  /// Bytes in use.
  var byteCount: Int {
    pages.capacity == 0
      ? 0
      : Allocator.allocationByteCount(
        forRequest: 32 + pages.capacity * MemoryLayout<ContiguousArray<UInt32>>.stride)
        + pageCount * Self.pageByteCount
  }

  private static let pageByteCount = Allocator.allocationByteCount(
    forRequest: 32 + (pageSize + 1) * MemoryLayout<UInt32>.stride)

  subscript(slot: Slot) -> UInt32 {
    get {
      let (page, place) = Int(slot).quotientAndRemainder(dividingBy: Self.pageSize)
      return page < pages.count && !pages[page].isEmpty ? pages[page][place] : 0
    }
    set {
      let (page, place) = Int(slot).quotientAndRemainder(dividingBy: Self.pageSize)
      if page >= pages.count {
        guard newValue != 0 else { return }
        pages.reserveByAnEighth(page + 1 - pages.count)
        pages.append(contentsOf: repeatElement([], count: page + 1 - pages.count))
      }
      if pages[page].isEmpty {
        guard newValue != 0 else { return }
        pages[page] = ContiguousArray(repeating: 0, count: Self.pageSize + 1)
        pageCount += 1
      }
      if pages[page][place] == 0, newValue != 0 { pages[page][Self.pageSize] += 1 }
      if pages[page][place] != 0, newValue == 0 { pages[page][Self.pageSize] -= 1 }
      pages[page][place] = newValue
      if pages[page][Self.pageSize] == 0 {
        pages[page] = []
        pageCount -= 1
      }
    }
  }

  /// The slots whose number is not zero.
  var used: [(slot: Slot, number: UInt32)] {
    var used: [(slot: Slot, number: UInt32)] = []
    for (page, numbers) in pages.enumerated() where !numbers.isEmpty {
      for place in 0..<Self.pageSize where numbers[place] != 0 {
        used.append((Slot(page * Self.pageSize + place), numbers[place]))
      }
    }
    return used
  }
}

extension ContiguousArray {
  /// Makes room for further elements, and for an eighth of what there is if it has to be made.
  mutating func reserveByAnEighth(_ additional: Int) {
    guard count + additional > capacity else { return }
    reserveCapacity(count + Swift.max(additional, count / 8, 4))
  }
}
