import LambdaCache
import TestSupport
import Testing

@Suite("Objects that share and contain each other")
struct ObjectGraphTests {
  private let nodeSize = Allocator.allocationByteCount(forRequest: 16 + 16 + 8 + 8 + 8)

  @Test("An object owns itself and what its stored properties own, inherited ones too")
  func objects() {
    let name = text(40)
    let node = Node(name)
    #expect(node.heapByteCount == nodeSize + name.heapByteCount)
    let special = SpecialNode(name, note: text(50))
    let size =
      Allocator.allocationByteCount(forRequest: 56 + 16) + name.heapByteCount
      + text(50).heapByteCount
    #expect(special.heapByteCount == size)
    #expect(Owner(nodes: [special]).heapByteCount == size + array(of: 1))
    #expect(Owner(nodes: []).heapByteCount == 0)
  }

  @Test("An object that several references lead to is counted once")
  func sharedObjects() {
    let node = Node(text(40))
    let size = node.heapByteCount
    #expect([node, node, node].heapByteCount == size + array(of: 3))
    #expect(Owner(nodes: [node], first: node, any: node).heapByteCount == size + array(of: 1))
    #expect(["a": node, "b": node].heapByteCount < 2 * size + 200)
    #expect(
      ["a": node, "b": node].heapByteCount
        == Allocator.allocationByteCount(forRequest: 64 + 8 + 4 * 24) + size
        || ["a": node, "b": node].heapByteCount
          == Allocator.allocationByteCount(forRequest: 64 + 8 + 2 * 24) + size
    )
    let other = Node(text(40))
    other.next = node
    #expect([node, other].heapByteCount == 2 * size + array(of: 2))
    #expect([other, node].heapByteCount == 2 * size + array(of: 2))
  }

  @Test("The next measurement counts an object again")
  func separateMeasurements() {
    let node = Node(text(40))
    let first = node.heapByteCount
    #expect(first > 0)
    #expect(node.heapByteCount == first)
    #expect(Owner(nodes: [node]).heapByteCount == Owner(nodes: [node]).heapByteCount)
  }

  @Test("The measurement of a circle of objects ends")
  func circles() {
    let first = Node(text(40))
    let second = Node(text(40))
    let size = first.heapByteCount
    first.next = first
    #expect(first.heapByteCount == size)
    first.next = second
    second.next = first
    second.children = [first, second, first]
    #expect(first.heapByteCount == 2 * size + array(of: 3))
    #expect(second.heapByteCount == 2 * size + array(of: 3))
    first.next = nil
    second.next = nil
    second.children = []
  }

  @Test("Weak and unowned references own nothing")
  func weakReferences() {
    let parent = Node(text(40))
    let size = parent.heapByteCount
    let child = Child(parent: parent)
    #expect(child.heapByteCount < size)
    #expect(child.heapByteCount > 0)
  }

  @Test("A chain of any length needs no stack")
  func longChain() {
    let first = Node("")
    var last = first
    for _ in 1..<200_000 {
      let next = Node("")
      last.next = next
      last = next
    }
    #expect(first.heapByteCount == 200_000 * nodeSize)
    // Taken apart by hand: releasing the first would recurse through all of them.
    var node: Node? = first
    while let current = node {
      node = current.next
      current.next = nil
    }
  }

  @Test("A chain of indirect cases of any length needs no stack")
  func longIndirectChain() {
    var chain = Chain.end
    for index in 0..<20_000 { chain = .link(index, chain) }
    let box = Allocator.allocationByteCount(forRequest: 16 + MemoryLayout<(Int, Chain)>.size)
    #expect(chain.heapByteCount == 20_000 * box)
    while case .link(_, let rest) = chain { chain = rest }
  }

  @Test("An object's own answer is asked for once")
  func ownAnswers() {
    let object = Answering()
    #expect([object, object].heapByteCount == 777 + array(of: 2))
    struct Pair: HeapSized {
      var left: Answering
      var right: Answering?
    }
    #expect(Pair(left: object, right: object).heapByteCount == 777)
    #expect(Pair(left: object, right: Answering()).heapByteCount == 2 * 777)
  }

  @Test("Values measured within a value's own answer belong to the same measurement")
  func joinedMeasurements() {
    struct Wrapper: HeapSized {
      var node: Node
      var heapByteCount: Int { node.heapByteCount + 1 }
    }
    let node = Node(text(40))
    let size = node.heapByteCount
    #expect(Wrapper(node: node).heapByteCount == size + 1)
    #expect([Wrapper(node: node), Wrapper(node: node)].heapByteCount == size + 2 + array(of: 2))
    struct Mixed: HeapSized {
      var wrapper: Wrapper
      var node: Node
    }
    #expect(Mixed(wrapper: Wrapper(node: node), node: node).heapByteCount == size + 1)
  }

  @Test("A random graph weighs the sum of what can be reached", arguments: 0..<20)
  func randomGraphs(seed: Int) {
    var generator = SplitMix64(seed: UInt64(seed))
    let nodes = (0..<60).map { Node(text(16 + $0)) }
    for node in nodes {
      if Int.random(in: 0..<3, using: &generator) > 0 {
        node.next = nodes.randomElement(using: &generator)
      }
      node.children = (0..<Int.random(in: 0..<3, using: &generator)).map { _ in
        nodes.randomElement(using: &generator)!
      }
    }
    for start in nodes.prefix(10) {
      var reached: [ObjectIdentifier: Node] = [:]
      var pending = [start]
      while let node = pending.popLast() {
        if reached.updateValue(node, forKey: ObjectIdentifier(node)) != nil { continue }
        pending += node.children
        if let next = node.next { pending.append(next) }
      }
      let sum = reached.values.reduce(0) {
        $0 + nodeSize + $1.name.heapByteCount
          + ($1.children.isEmpty ? 0 : array(capacity: $1.children.capacity))
      }
      #expect(start.heapByteCount == sum)
    }
    for node in nodes {
      node.next = nil
      node.children = []
    }
  }
}

private class Node: HeapSized {
  var name: String
  var next: Node?
  var children: [Node] = []
  var rank = 1

  init(_ name: String) { self.name = name }
}

private final class SpecialNode: Node {
  var note: String

  init(_ name: String, note: String) {
    self.note = note
    super.init(name)
  }
}

private final class Child: HeapSized {
  weak var parent: Node?
  unowned let owner: Node
  unowned(unsafe) let other: Node

  init(parent: Node) {
    self.parent = parent
    owner = parent
    other = parent
  }
}

private final class Answering: HeapSized {
  let pointer = UnsafeMutableRawPointer(bitPattern: 16)
  var heapByteCount: Int { 777 }
}

private struct Owner: HeapSized {
  var nodes: [Node]
  var first: Node?
  var any: AnyObject?
}

private indirect enum Chain: HeapSized {
  case end
  case link(Int, Chain)
}

private func text(_ count: Int) -> String {
  String(decoding: [UInt8](repeating: UInt8(ascii: "x"), count: count), as: UTF8.self)
}

private func array(of count: Int) -> Int { array(capacity: count) }

/// The bytes of the storage of an array of references.
private func array(capacity: Int) -> Int {
  Allocator.allocationByteCount(forCapacity: 32 + capacity * 8)
}
