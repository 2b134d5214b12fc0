import AllocationLedger
import Foundation
import LambdaCache

/// A whole cache of a kind: what it counts, what it was given, and by how much the resident set
/// grew.
struct CacheFigures: Codable {
  let count: Int
  let byteCount: Int

  /// The cache's own pages, and what the allocator handed out for the values.
  let allocated: Int

  /// Beside what is allocated the holes between blocks are resident, which no block owns.
  let residentGrowth: Int

  /// Measures in this process, which has to be a fresh one.
  ///
  /// - Parameters:
  ///   - most: The most entries.
  ///   - byteLimit: The most bytes: of values that are large there are fewer.
  ///   - make: Makes the value with a number.
  /// - Throws: ``MeasurementError`` if the resident set cannot be read.
  init<Value: HeapSized>(
    atMost most: Int, byteLimit: Int, _ make: (Int) -> Value
  ) throws {
    // All of the code that runs between the readings runs once before them: its pages, and what
    // the libraries set up when they are first used, are not the cache's.
    let sampleCount = max(1, min(1_000, most / 10))
    var stated = 0
    var sample = Self.filled(sampleCount, within: byteLimit / 16, &stated, make)
    let count = min(most, byteLimit / max(1, sample.byteCount / sample.count))
    sample.removeAll()
    allocation_ledger_trim()
    _ = try ResidentSet.byteCount()
    let before = try ResidentSet.byteCount()
    let allocatedBefore = allocation_ledger_byte_count()
    stated = 0
    let cache = Self.filled(count, within: 64 << 30, &stated, make)
    let valueByteCount = Int(allocation_ledger_byte_count()) - Int(allocatedBefore)
    allocation_ledger_trim()
    residentGrowth = try ResidentSet.byteCount() - before
    byteCount = cache.byteCount
    self.count = cache.count
    // An index of less than 128 KiB is among what was handed out, too.
    allocated = cache.byteCount - stated + valueByteCount
  }

  /// A cache of so many entries, or of the last that fit; what all values state is added up.
  private static func filled<Value: HeapSized>(
    _ count: Int, within byteLimit: Int, _ stated: inout Int, _ make: (Int) -> Value
  ) -> UniqueCache<Int, Value> {
    var cache = UniqueCache<Int, Value>(byteLimit: byteLimit)
    for index in 0..<count {
      let value = make(index)
      stated += value.heapByteCount
      cache.setValue(value, forKey: index)
    }
    return cache
  }

  /// How much more, or less, the cache counts than the allocator, in percent.
  var allocatedDeviation: Double {
    SizeFigures.deviation(stated: byteCount, actual: allocated)
  }

  /// How much more, or less, the cache counts than the kernel, in percent.
  var residentDeviation: Double {
    SizeFigures.deviation(stated: byteCount, actual: residentGrowth)
  }

  /// Measures in a fresh process of this program.
  ///
  /// - Throws: ``MeasurementError``, and what starting a process or reading its answer throws.
  static func inOwnProcess(
    _ kind: Kind, atMost count: Int, mebibytes: Int
  ) throws -> CacheFigures {
    guard let executable = Bundle.main.executableURL else {
      throw MeasurementError.unreadable("the path of this program")
    }
    let process = Process()
    let pipe = Pipe()
    process.executableURL = executable
    process.arguments = [CacheProbeCommand.name, kind.name, String(count), String(mebibytes)]
    process.standardOutput = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw MeasurementError.failed(kind.name, status: process.terminationStatus)
    }
    return try JSONDecoder().decode(CacheFigures.self, from: output)
  }
}

/// The resident set of this process, as the kernel counts it; Linux only.
private enum ResidentSet {
  /// The resident set in bytes, counted page by page.
  static func byteCount() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/smaps_rollup", encoding: .utf8)
    for line in text.split(separator: "\n") where line.hasPrefix("Rss:") {
      let words = line.split(separator: " ")
      if words.count == 3, let count = Int(words[1]) { return count * 1_024 }
    }
    throw MeasurementError.unreadable("the resident set of this process")
  }
}

/// Why a figure could not be had.
enum MeasurementError: Error, CustomStringConvertible {
  /// The system does not report it.
  case unreadable(String)

  /// A process that was to measure it failed.
  case failed(String, status: Int32)

  var description: String {
    switch self {
    case .unreadable(let what): "The system does not report \(what)."
    case .failed(let what, let status):
      "The process that measures \(what) ended with status \(status)."
    }
  }
}
