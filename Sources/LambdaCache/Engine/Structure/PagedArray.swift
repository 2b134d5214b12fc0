/// An array in pages: it grows and shrinks by one of them, and what is in it is never copied to
/// another place because of that.
///
/// Elements are numbered from 1, so that 0 can stand for none.
struct PagedArray<Element> {
  private static var pageSize: Int { 32 }
  private var pages: ContiguousArray<ContiguousArray<Element>> = []
  /// Elements in use.
  private(set) var count = 0
  /// The content of unused places.
  private let blank: Element

  init(blank: Element) {
    self.blank = blank
  }

  /// The number of the last element, 0 if there is none.
  var last: UInt32 { UInt32(count) }

  subscript(number: UInt32) -> Element {
    get {
      let (page, place) = Self.place(of: number)
      return pages[page][place]
    }
    _modify {
      let (page, place) = Self.place(of: number)
      yield &pages[page][place]
    }
  }

  private static func place(of number: UInt32) -> (page: Int, place: Int) {
    (Int(number &- 1) / pageSize, Int(number &- 1) % pageSize)
  }

  /// Adds an element.
  ///
  /// - Returns: Its number.
  @discardableResult
  mutating func append(_ element: Element) -> UInt32 {
    if count == pages.count * Self.pageSize {
      pages.reserveByAnEighth(1)
      pages.append(ContiguousArray(repeating: blank, count: Self.pageSize))
    }
    count += 1
    self[last] = element
    return last
  }

  /// Takes the last element away.
  mutating func removeLast() {
    self[last] = blank
    count -= 1
    guard count <= (pages.count - 1) * Self.pageSize else { return }
    pages.removeLast()
    if pages.isEmpty {
      pages = []
    } else if pages.capacity > 64, pages.count < pages.capacity / 4 {
      pages = ContiguousArray(pages)
    }
  }

  /// Bytes in use.
  var byteCount: Int {
    pages.capacity == 0
      ? 0
      : Allocator.allocationByteCount(
        forRequest: 32 + pages.capacity * MemoryLayout<ContiguousArray<Element>>.stride)
        + pages.count * Self.pageByteCount
  }

  private static var pageByteCount: Int {
    Allocator.allocationByteCount(forRequest: 32 + pageSize * MemoryLayout<Element>.stride)
  }
}
