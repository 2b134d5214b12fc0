import LambdaCache

/// The loops of hits that wait for each other, over string keys: where the next probe is found
/// depends on the value of the one before.
extension TextWorkbench {
  @inline(never)
  static func chainedHits(_ subject: inout [String: Int], _ probes: Probes<String>) -> Int {
    var sum = 0
    var position = 0
    while position < probes.count {
      guard let value = subject.value(of: probes.elements[position]) else { break }
      sum &+= value
      position &+= 1 &+ (value &>> chainShift)
    }
    return sum
  }

  @inline(never)
  static func chainedHits(_ subject: inout UniqueCache<String, Int>, _ probes: Probes<String>)
    -> Int
  {
    var sum = 0
    var position = 0
    while position < probes.count {
      guard let value = subject.value(of: probes.elements[position]) else { break }
      sum &+= value
      position &+= 1 &+ (value &>> chainShift)
    }
    return sum
  }

  @inline(never)
  static func chainedHits(_ subject: inout Cache<String, Int>, _ probes: Probes<String>) -> Int {
    var sum = 0
    var position = 0
    while position < probes.count {
      guard let value = subject.value(of: probes.elements[position]) else { break }
      sum &+= value
      position &+= 1 &+ (value &>> chainShift)
    }
    return sum
  }

  @inline(never)
  static func chainedHits(_ subject: inout TextbookLRU<String, Int>, _ probes: Probes<String>)
    -> Int
  {
    var sum = 0
    var position = 0
    while position < probes.count {
      guard let value = subject.value(of: probes.elements[position]) else { break }
      sum &+= value
      position &+= 1 &+ (value &>> chainShift)
    }
    return sum
  }
}
