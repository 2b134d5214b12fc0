#if canImport(Glibc)
  import AllocationProbe
  import LambdaCache
  import Testing

  @Suite(
    "Sizes found by reflection against the allocator's own account",
    .enabled(if: AllocatedBytes.isAvailable))
  struct MeasuredReflectionTests {
    @Test("structs and enums take what is found")
    func values() async {
      await #expect(processExitsWith: .success) {
        expectMeasured("struct") { Profile(seed: $0) }
        expectMeasured("optional struct") { $0 % 2 == 0 ? nil : Profile(seed: $0) }
        expectMeasured("array of structs", count: 200) { (0..<($0 % 9)).map(Profile.init) }
        expectMeasured("enum") { Event(seed: $0) }
        expectMeasured("indirect enum", count: 500) { seed in
          (0..<5).reduce(Tree.leaf(text(seed))) { .node($0, .number(Double($1))) }
        }
        expectMeasured("tuple") { Box(content: (text($0), [$0, $0 + 1])) }
      }
    }

    @Test("existentials and errors take what is found")
    func existentials() async {
      await #expect(processExitsWith: .success) {
        expectMeasured("inline") { Holder(content: text($0)) }
        expectMeasured("boxed") { Holder(content: Profile(seed: $0)) }
        expectMeasured("trivial box") { Holder(content: ($0, $0, $0, $0)) }
        expectMeasured("error") { Box<(any Error)?>(content: Fault.named(text($0))) }
        expectMeasured("table without a schema", count: 300) { seed in
          Box<[String: Any]>(content: ["a": seed, "long key \(seed) of a table": [text(seed)]])
        }
      }
    }

    @Test("objects take what is found")
    func objects() async {
      await #expect(processExitsWith: .success) {
        expectMeasured("object") { Node(text($0)) }
        expectMeasured("shared", count: 300) { seed in
          let node = Node(text(seed))
          return [node, node, Node(text(seed))]
        }
        expectMeasured("circle", count: 300) { seed in
          let first = Node(text(seed))
          let second = Node("x")
          first.next = second
          second.next = first
          first.children = [first, second]
          second.children = first.children
          return first
        }
      }
    }
  }

  private struct Profile: HeapSized {
    var number: Int
    var name: String
    var nickname: String?
    var tags: [String]
    var scores: [Double]
    var byName: [String: Int]
    var city: (String, zip: Int)

    init(seed: Int) {
      number = seed
      name = text(seed)
      nickname = seed % 2 == 0 ? nil : text(seed + 5)
      tags = (0..<(seed % 4)).map { text(seed + $0) }
      scores = (0..<(seed % 7)).map(Double.init)
      byName = Dictionary(uniqueKeysWithValues: (0..<(seed % 5)).map { (text($0 + seed), $0) })
      city = (text(seed), 1010)
    }
  }

  private enum Event: HeapSized {
    case none
    case moved(Double, Double)
    case typed(String)
    case sent([String], subject: String?)

    init(seed: Int) {
      self =
        switch seed % 4 {
        case 0: .none
        case 1: .moved(1, 2)
        case 2: .typed(text(seed))
        default: .sent([text(seed)], subject: text(seed + 1))
        }
    }
  }

  private indirect enum Tree: HeapSized {
    case leaf(String)
    case number(Double)
    case node(Tree, Tree)
  }

  private struct Box<Content>: HeapSized {
    var content: Content
  }

  private struct Holder: HeapSized {
    var content: Any
  }

  private enum Fault: Error {
    case named(String)
  }

  private final class Node: HeapSized {
    let name: String
    var next: Node?
    var children: [Node] = []

    init(_ name: String) { self.name = name }
  }

  /// A string of 16 to 215 bytes.
  private func text(_ seed: Int) -> String {
    String(decoding: [UInt8](repeating: 120, count: 16 + seed * 7 % 200), as: UTF8.self)
  }

  /// Expects stated and measured sizes within 1 %, in a process that does nothing else.
  private func expectMeasured<Value: HeapSized>(
    _ name: String, count: Int = 1000, _ make: (Int) -> Value
  ) {
    let sizes = AllocatedBytes().perValue(count: count, make) { $0.heapByteCount }
    #expect(
      abs(sizes.stated - sizes.measured) <= max(1, sizes.measured / 100),
      "\(name): stated \(sizes.stated), measured \(sizes.measured)")
  }
#endif
