import Testing

@testable import LambdaCache

@Suite("A column of which few slots have a number")
struct SparseColumnTests {
  @Test("A sparse column counts its pages, and gives each back with the last number on it")
  func pages() {
    var column = SparseColumn()
    #expect(column.byteCount == 0)
    for slot in 0..<1_024 { column[Slot(slot)] = UInt32(slot + 1) }
    let page = Allocator.allocationByteCount(forRequest: 32 + 129 * 4)
    #expect(column.pageCount == 8)
    #expect((8 * page..<8 * page + 500).contains(column.byteCount))
    #expect((0..<1_024).allSatisfy { column[Slot($0)] == UInt32($0 + 1) })
    for slot in 128..<1_023 { column[Slot(slot)] = 0 }
    #expect(column.pageCount == 2)
    #expect((2 * page..<2 * page + 500).contains(column.byteCount))
    #expect(column[1_023] == 1_024 && column[1_022] == 0 && column[127] == 128)
    #expect(column.used.count == 129)
  }
}
