import LambdaCache
import TestSupport
import Testing

/// A node whose key may change.
private final class Node: KeyedNode {
  let key: ChangingKey
  let hash: UInt32
  var links = NodeLinks()

  init(key: ChangingKey, hash: UInt32) {
    self.key = key
    self.hash = hash
  }

  func hasKey(at address: UnsafeRawPointer) -> Bool {
    address.assumingMemoryBound(to: ChangingKey.self).pointee == key
  }
}

@Suite("Nodes found by key and taken out by identity", .timeLimit(.minutes(10)))
struct NodeTableTests {
  @Test("Nodes found by key and removed by identity match a list, whatever becomes of their keys")
  func fuzz() {
    for history in 0..<200 {
      var random = SplitMix64(seed: Fuzz.seed &+ UInt64(history))
      var table = NodeTable<Node>()
      var model: [Node] = []
      for _ in 0..<200 {
        let key = ChangingKey(Double(random.number(0...5)))
        // Few hashes, so that several nodes have one; they do not change with the keys.
        let hash = UInt32(random.number(0...2))
        switch random.number(0...6) {
        case 0...3:
          if find(key, hash, in: table) == nil {
            let node = Node(key: key, hash: hash)
            table.insert(node)
            model.append(node)
          }
        case 4...5:
          guard let place = model.indices.randomElement(using: &random) else { break }
          table.remove(model[place])
          table.remove(model[place])
          model.remove(at: place)
        default: model.randomElement(using: &random)?.key.number = random.oneIn(2) ? .nan : 7
        }
        #expect(table.count == model.count)
        #expect(
          Set(table.nodes.map(ObjectIdentifier.init)) == Set(model.map(ObjectIdentifier.init)))
        let found = find(key, hash, in: table)
        #expect((found == nil) == !model.contains { $0.key == key && $0.hash == hash })
        if random.oneIn(100) {
          let removed = table.removeAll()
          #expect(removed.count == model.count && !removed.contains(where: \.isInTable))
          model = []
        }
      }
    }
  }

  @Test("A table that has grown finds a thousand nodes and forgets all that are removed")
  func growth() {
    var table = NodeTable<Node>()
    let nodes = (0..<1000).map { Node(key: ChangingKey(Double($0)), hash: UInt32($0 * 7)) }
    for node in nodes { table.insert(node) }
    for node in nodes { #expect(find(node.key, node.hash, in: table) === node) }
    for node in nodes { table.remove(node) }
    #expect(table.count == 0 && nodes.allSatisfy { !$0.isInTable })
    #expect(find(nodes[0].key, nodes[0].hash, in: table) == nil)
  }

  private func find(_ key: ChangingKey, _ hash: UInt32, in table: NodeTable<Node>) -> Node? {
    withUnsafePointer(to: key) { table.find($0, hash: hash) }
  }
}
