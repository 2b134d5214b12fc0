import Foundation
import LambdaCache
import Workload

/// The timed loops over string keys of 30 bytes: the same lines for every subject, each subject
/// `inout`, every result added up.
enum TextWorkbench: Workbench {
  static let name = "String keys"

  static func key(_ index: Int) -> String { TestKeys.text(index) }

  static func copy(_ key: String) -> String { TestKeys.copy(key) }

  static func object(for key: String) -> NSString { NSString(string: key) }

  @inline(never)
  static func hits(_ subject: inout [String: Int], _ probes: Probes<String>) -> Int {
    var sum = 0
    for index in 0..<probes.count {
      if let value = subject.value(of: probes.elements[index]) { sum &+= value }
    }
    return sum
  }

  @inline(never)
  static func hits(_ subject: inout UniqueCache<String, Int>, _ probes: Probes<String>) -> Int {
    var sum = 0
    for index in 0..<probes.count {
      if let value = subject.value(of: probes.elements[index]) { sum &+= value }
    }
    return sum
  }

  @inline(never)
  static func hits(_ subject: inout Cache<String, Int>, _ probes: Probes<String>) -> Int {
    var sum = 0
    for index in 0..<probes.count {
      if let value = subject.value(of: probes.elements[index]) { sum &+= value }
    }
    return sum
  }

  @inline(never)
  static func hits(_ subject: inout TextbookLRU<String, Int>, _ probes: Probes<String>) -> Int {
    var sum = 0
    for index in 0..<probes.count {
      if let value = subject.value(of: probes.elements[index]) { sum &+= value }
    }
    return sum
  }

  @inline(never)
  static func hits(_ subject: inout FoundationCache<NSString>, _ probes: [NSString]) -> Int {
    var sum = 0
    for probe in probes {
      if let value = subject.object(forKey: probe) { sum &+= value.value }
    }
    return sum
  }

  @inline(never)
  static func insertions(_ subject: inout UniqueCache<String, Int>, _ keys: [String]) -> Int {
    var value = 0
    for key in keys {
      value &+= 1
      subject.setValue(value, forKey: key)
    }
    return value
  }

  @inline(never)
  static func insertions(_ subject: inout Cache<String, Int>, _ keys: [String]) -> Int {
    var value = 0
    for key in keys {
      value &+= 1
      subject.setValue(value, forKey: key)
    }
    return value
  }

  @inline(never)
  static func insertions(_ subject: inout TextbookLRU<String, Int>, _ keys: [String]) -> Int {
    var value = 0
    for key in keys {
      value &+= 1
      subject.setValue(value, forKey: key)
    }
    return value
  }

  @inline(never)
  static func mixed(_ subject: Cache<String, Int>, _ probes: Probes<String>, isWrite: [Bool]) -> Int
  {
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
  static func quietReads(_ subject: Cache<String, Int>, _ probes: Probes<String>) -> Int {
    var count = 0
    for index in 0..<probes.count where subject.quietValue(of: probes.elements[index]) != nil {
      count &+= 1
    }
    return count
  }
}
