#if canImport(Glibc)
  import LambdaCache
  import TestSupport
  import Testing

  @Suite(
    "Sizes found by reflection against the allocator's own account", .prompt,
    .enabled(if: AllocatedBytes.isAvailable))
  struct MeasuredReflectionTests {
    @Test("Structs and enums take what reflection finds")
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

    @Test("Existentials and errors take what reflection finds")
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

    @Test(
      "Objects take what reflection finds, with weak references to them and without")
    func weakReferences() async {
      await #expect(processExitsWith: .success) {
        expectMeasured("parents", count: 300) { seed in
          let root = Twig(text(seed), parent: nil)
          root.twigs = (0..<5).map { Twig(text(seed + $0), parent: root) }
          for twig in root.twigs { twig.twigs = [Twig("leaf", parent: twig)] }
          return root
        }
        expectMeasured("answers itself", count: 300) { seed in
          let answering = Answering(text(seed))
          answering.itself = answering
          return Box<Answering>(content: answering)
        }
        expectMeasured("answers itself, twice", count: 300) { seed in
          let answering = Answering(text(seed))
          answering.itself = answering
          return Box<[Answering]>(content: [answering, answering, Answering(text(seed + 1))])
        }
        expectMeasured("unowned", count: 300) { seed in
          let loyal = Loyal(text(seed))
          loyal.itself = loyal
          return loyal
        }
      }
    }

    @Test("Texts take what reflection finds when they were indexed by UTF-16 offsets")
    func breadcrumbs() async {
      await #expect(processExitsWith: .success) {
        for length in [70, 500, 5_000] {
          expectMeasured("\(length) scalars", count: 300) { seed in
            var text = String(repeating: "\u{E9}", count: length + seed % 9)
            text.reserveCapacity(length * (seed % 2 == 0 ? 2 : 5))
            let index = text.utf16.index(text.startIndex, offsetBy: length * 3 / 4)
            precondition(text.utf16.distance(from: text.startIndex, to: index) > 0, "no index")
            return text
          }
        }
      }
    }

    @Test("Objects take what reflection finds")
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

  private final class Twig: HeapSized {
    let name: String
    weak var parent: Twig?
    var twigs: [Twig] = []

    init(_ name: String, parent: Twig?) { (self.name, self.parent) = (name, parent) }
  }

  private final class Answering: HeapSized {
    let name: String
    weak var itself: Answering?

    init(_ name: String) { self.name = name }

    var heapByteCount: Int {
      Allocator.allocationByteCount(forRequest: 16 + 16 + 8) + name.heapByteCount
    }
  }

  private final class Loyal: HeapSized {
    let name: String
    unowned(safe) var itself: Loyal?

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
