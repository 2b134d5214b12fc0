import AllocationLedger
import LambdaCache

/// The stated sizes of values of a kind, and the bytes that the allocator handed out.
struct SizeFigures {
  let count: Int
  let stated: Int
  let allocated: Int

  init<Value: HeapSized>(atMost most: Int, byteLimit: Int, _ make: (Int) -> Value) {
    // The first value also pays for things made once, such as a table of Unicode's or a plan.
    let sample = (0..<100).reduce(0) { $0 + make($1).heapByteCount }
    let count = min(most, byteLimit * 100 / max(1, sample))
    var values: [Value] = []
    values.reserveCapacity(count)
    let before = allocation_ledger_byte_count()
    for index in 0..<count { values.append(make(index)) }
    let after = allocation_ledger_byte_count()
    self.count = count
    allocated = Int(after) - Int(before)
    stated = values.reduce(0) { $0 + $1.heapByteCount }
  }

  /// How much more, or less, was stated than was allocated, in percent.
  var deviation: Double { Self.deviation(stated: stated, actual: allocated) }

  static func deviation(stated: Int, actual: Int) -> Double {
    actual == 0 ? (stated == 0 ? 0 : 100) : 100 * Double(stated - actual) / Double(actual)
  }
}
