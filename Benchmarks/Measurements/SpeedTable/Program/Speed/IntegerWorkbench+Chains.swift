import LambdaCache

/// The loops of hits that wait for each other, over integer keys: where the next probe is found
/// depends on the value of the one before.
extension IntegerWorkbench {
  @inline(never)
  static func chainedHits(_ subject: inout [Int: Int], _ probes: Probes<Int>) -> Int {
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
  static func chainedHits(_ subject: inout UniqueCache<Int, Int>, _ probes: Probes<Int>) -> Int {
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
  static func chainedHits(_ subject: inout Cache<Int, Int>, _ probes: Probes<Int>) -> Int {
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
  static func chainedHits(_ subject: inout TextbookLRU<Int, Int>, _ probes: Probes<Int>) -> Int {
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
