import LambdaCache
import Testing

@Suite("Sizes of generic types that contain themselves with ever new arguments")
struct EndlessTypeTests {
  private struct Holder<Content>: HeapSized {
    var content: Content
  }

  private let text = String(repeating: "x", count: 100)

  @Test("A generic class that contains itself with new arguments is measured")
  func classes() {
    let object = Link(content: text, next: Link(content: [text], next: nil))
    let first = Allocator.allocationByteCount(forRequest: 16 + 16 + 8)
    let second = Allocator.allocationByteCount(forRequest: 16 + 8 + 8)
    #expect(
      Holder(content: object).heapByteCount
        == first + text.heapByteCount + second + [text].heapByteCount)
  }

  @Test(
    "An indirect enum that contains itself is measured, also deeper than types are planned ahead",
    arguments: [0, 1, 2, 15, 40])
  func enums(depth: Int) {
    func nested<Content>(_ content: Content, _ depth: Int) -> Nest<Content> {
      depth == 0 ? .content(content) : .inner(nested([content], depth - 1))
    }
    // Text, an array around it for each level, a box for each level and one for the content.
    let array = Allocator.allocationByteCount(forCapacity: [[0]].capacity * 8 + 32)
    let arrays = depth == 0 ? 0 : [""].heapByteCount + (depth - 1) * array
    let box = Allocator.allocationByteCount(forRequest: 16 + 8)
    let contentBox = Allocator.allocationByteCount(forRequest: 16 + (depth == 0 ? 16 : 8))
    #expect(
      Holder(content: nested(text, depth)).heapByteCount
        == text.heapByteCount + arrays + depth * box + contentBox)
  }

  @Test("A type with several such parts, which have exponentially many plans, is measured")
  func forks() {
    let leaf = Fork<String>.content(text)
    let leafSize = Holder(content: leaf).heapByteCount
    #expect(leafSize >= text.heapByteCount)
    let fork = Fork<String>.pair(
      .pair(.content([[text]]), .content([text])), .pair(.content([text]), .content(text)))
    let sizes = [[[text]].heapByteCount, [text].heapByteCount * 2, text.heapByteCount]
    #expect(Holder(content: fork).heapByteCount > sizes.reduce(0, +))
  }
}

private final class Link<Content>: HeapSized {
  let content: Content
  let next: Link<[Content]>?

  init(content: Content, next: Link<[Content]>?) {
    self.content = content
    self.next = next
  }
}

private indirect enum Nest<Content> {
  case content(Content)
  case inner(Nest<[Content]>)
}

private indirect enum Fork<Content> {
  case content(Content)
  case pair(Fork<[Content]>, Fork<Content?>)
}
