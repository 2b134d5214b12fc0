// Signatures of swift-collections 1.1.0 and newer, as far as the recipes need them.

public struct Deque<Element>: RandomAccessCollection {
  var elements: [Element] = []
  public var startIndex: Int { 0 }
  public var endIndex: Int { elements.count }
  public subscript(index: Int) -> Element { elements[index] }
}

public struct OrderedSet<Element: Hashable> {
  public var elements: [Element] { [] }
}

public struct OrderedDictionary<Key: Hashable, Value> {
  public struct Values {
    public var elements: [Value] { [] }
  }
  public var keys: OrderedSet<Key> { OrderedSet() }
  public var values: Values { Values() }
  public var count: Int { 0 }
}
