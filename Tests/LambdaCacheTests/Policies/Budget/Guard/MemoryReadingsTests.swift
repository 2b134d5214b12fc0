import Foundation
import LambdaCache
import TestSupport
import Testing

@Suite("The readings of the guard", .prompt)
struct MemoryReadingsTests {
  private func pageCount(_ text: String) -> Int? {
    var text = text
    return text.withUTF8 { MemoryReadings.pageCount(inStatm: UnsafeRawBufferPointer($0)) }
  }

  @Test("The second number of statm is the resident set")
  func statm() {
    #expect(pageCount("2000 517 300 10 0 200 0\n") == 517)
    for text in ["", "12", "12 ", "12 x 3", "12 -5 3", "1 99999999999999999999999 1"] {
      #expect(pageCount(text) == nil, "\(text)")
    }
  }

  private func peak(_ text: String) -> Int? {
    var text = text
    return text.withUTF8 { PeakReading.byteCount(inStatus: UnsafeRawBufferPointer($0)) }
  }

  @Test("The line VmHWM of status is the largest resident set")
  func status() {
    #expect(
      peak("Name:\ta\nVmPeak:\t   9999 kB\nVmHWM:\t    8512 kB\nVmRSS:\t  1 kB\n") == 8_716_288)
    for text in [
      "", "VmHWM:", "VmHWM:\t 12 kB", "VmHWM:\t kB\n", "VmHWM:\t x kB\n", "VmRSS:\t 1 kB\n",
    ] {
      #expect(peak(text) == nil, "\(text)")
    }
  }

  @Test(
    "The fast source of the peak is believed unless it says more than there has been",
    arguments: [
      (8 << 20, 8 << 20, 1), (8 << 20, 9 << 20, 1), (9 << 20, 8 << 20, 1), (300 << 20, 8 << 20, 2),
      (nil, 8 << 20, 2), (8 << 20, nil, 1), (nil, nil, 2),
    ] as [(Int?, Int?, Int)])
  func peakSource(fast: Int?, own: Int?, chosen: Int) {
    // Their later values tell them apart.
    let isLater = Locked(false)
    let peak = PeakReading.choose(
      fast: { isLater.withLock { $0 } ? 1 : fast }, own: { isLater.withLock { $0 } ? 2 : own })
    isLater.withLock { $0 = true }
    #expect(peak() == chosen)
  }

  #if os(Linux)
    @Test("The peak is not that of the program that started this one")
    func startedByALargeProgram() async {
      let size = 256 << 20
      let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
      memory.initializeMemory(as: UInt8.self, repeating: 1, count: size)
      memory.deallocate()
      await #expect(processExitsWith: .success) {
        #if canImport(Glibc)
          var usage = rusage()
          getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
          precondition(usage.ru_maxrss >= 256 << 10, "nothing was inherited")
        #endif
        let budget = try MemoryBudget(environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "10240"])
        budget.invocationDidEnd()
        let peak = budget.guardStatistics.highWaterByteCount
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
          let kilobytes = line.split(whereSeparator: { " \t".contains($0) }).dropFirst().first,
          let own = Int(kilobytes)
        else { fatalError(status) }
        precondition(peak <= own * 1024 + (1 << 20), "\(peak) of \(own * 1024)")
      }
    }
  #endif

  @Test("Files that a control group has read are not counted, in either version")
  func groups() {
    let version1 = [
      "/g/memory.usage_in_bytes": "1000000\n",
      "/g/memory.stat": "cache 1\ninactive_file 5\ntotal_inactive_file 300000\n"
        + "total_active_file 100000\ntotal_rss 600000\n",
    ]
    let version2 = [
      "/g/memory.current": "1000000\n",
      "/g/memory.stat": "anon 600000\nfile 400000\ninactive_file 300000\nactive_file 100000\n",
    ]
    #expect(
      MemoryReadings.unreclaimableByteCount(limitFile: "/g/memory.limit_in_bytes") {
        version1[$0]
      } == 600_000)
    #expect(
      MemoryReadings.unreclaimableByteCount(limitFile: "/g/memory.max") { version2[$0] }
        == 600_000)
    #expect(
      MemoryReadings.unreclaimableByteCount(limitFile: "/g/memory.max") { version1[$0] } == nil)
  }
}
