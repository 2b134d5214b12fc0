import Foundation
import LambdaCache
import Workload

/// The timed loops over integer keys: the same lines for every subject, each subject `inout`, every
/// result added up.
enum IntegerWorkbench: Workbench {
  static let name = "Int keys"

  static func key(_ index: Int) -> Int { TestKeys.integer(index) }

  static func copy(_ key: Int) -> Int { key }

  static func object(for key: Int) -> NSNumber { NSNumber(value: key) }

  @inline(never)
  static func hits(_ subject: inout [Int: Int], _ probes: Probes<Int>) -> Int {
    var sum = 0
    for index in 0..<probes.count {
      if let value = subject.value(of: probes.elements[index]) { sum &+= value }
    }
    return sum
  }

  @inline(never)
  static func hits(_ subject: inout UniqueCache<Int, Int>, _ probes: Probes<Int>) -> Int {
    var sum = 0
    for index in 0..<probes.count {
      if let value = subject.value(of: probes.elements[index]) { sum &+= value }
    }
    return sum
  }

  @inline(never)
  static func hits(_ subject: inout Cache<Int, Int>, _ probes: Probes<Int>) -> Int {
    var sum = 0
    for index in 0..<probes.count {
      if let value = subject.value(of: probes.elements[index]) { sum &+= value }
    }
    return sum
  }

  @inline(never)
  static func hits(_ subject: inout TextbookLRU<Int, Int>, _ probes: Probes<Int>) -> Int {
    var sum = 0
    for index in 0..<probes.count {
      if let value = subject.value(of: probes.elements[index]) { sum &+= value }
    }
    return sum
  }

  @inline(never)
  static func hits(_ subject: inout FoundationCache<NSNumber>, _ probes: [NSNumber]) -> Int {
    var sum = 0
    for probe in probes {
      if let value = subject.object(forKey: probe) { sum &+= value.value }
    }
    return sum
  }

  @inline(never)
  static func insertions(_ subject: inout UniqueCache<Int, Int>, _ keys: [Int]) -> Int {
    var value = 0
    for key in keys {
      value &+= 1
      subject.setValue(value, forKey: key)
    }
    return value
  }

  @inline(never)
  static func insertions(_ subject: inout Cache<Int, Int>, _ keys: [Int]) -> Int {
    var value = 0
    for key in keys {
      value &+= 1
      subject.setValue(value, forKey: key)
    }
    return value
  }

  @inline(never)
  static func insertions(_ subject: inout TextbookLRU<Int, Int>, _ keys: [Int]) -> Int {
    var value = 0
    for key in keys {
      value &+= 1
      subject.setValue(value, forKey: key)
    }
    return value
  }

  @inline(never)
  static func mixed(_ subject: Cache<Int, Int>, _ probes: Probes<Int>, isWrite: [Bool]) -> Int {
    var count = 0
    for index in 0..<probes.count {
      if isWrite[index] {
        subject.setValue(index, forKey: probes.elements[index].key)
      } else if subject.value(of: probes.elements[index]) != nil {
        count &+= 1
      }
    }
    return count
  }

  @inline(never)
  static func quietReads(_ subject: Cache<Int, Int>, _ probes: Probes<Int>) -> Int {
    var count = 0
    for index in 0..<probes.count where subject.quietValue(of: probes.elements[index]) != nil {
      count &+= 1
    }
    return count
  }
}
