import LambdaCache
import Workload

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A function whose values change their sizes: `MemoryPhases MEGABYTES PHASE…`.
///
/// Goes through the phases in one thread with one cache, and prints the figures as JSON. The kernel
/// kills it if it takes more memory than its control group has.
@main
enum MemoryPhases {
  static func main() {
    do {
      let arguments = CommandLine.arguments
      if arguments.contains("--help") { return print(usage) }
      guard arguments.count > 2 else { throw MalformedPhase(text: "", part: "") }
      let phases = try arguments.dropFirst(2).map { text throws(MalformedPhase) in
        try Phase(text)
      }
      var life = try Life(megabytes: arguments[1])
      for phase in phases { life.go(through: phase) }
      print(life.report)
    } catch {
      let text = "MemoryPhases: \(error)\n"
      _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
      exit(1)
    }
  }
}

private let usage = """
  usage: MemoryPhases MEGABYTES PHASE …

  One life of a function whose values change their sizes. A phase is a list such as
  sizes=91+20000,budgets=3,per=500,shuffle. `Benchmarks/run MemoryPhases` plays a grid of lives.
  """

/// An environment with one cache and a handler.
struct Life {
  private let budget: MemoryBudget
  private let cache: Cache<Int, [UInt8]>
  private var random = SplitMix64(seed: 1)
  private var nextKey = 0
  private var invocations = 0
  /// The largest resident set there was, or would have been if the handler had taken its memory in
  /// each invocation.
  private var highest = 0
  private var check = 0

  init(megabytes: String) throws(ConfigurationError) {
    budget = try MemoryBudget(environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": megabytes])
    cache = Cache(named: "phases", in: budget)
  }

  mutating func go(through phase: Phase) {
    let first = nextKey
    var left = Int(Double(budget.byteLimit) * phase.budgets)
    while left > 0 {
      left -= invoke(phase, upTo: left)
    }
    guard phase.shuffles else { return }
    let count = nextKey - first
    for number in 0..<(2 * count) {
      check &+= cache.value(forKey: first + random.nextIndex(below: count))?.count ?? 0
      if number % 5000 == 4999 { end(phase) }
    }
  }

  /// Writes the values of one invocation.
  ///
  /// - Returns: Their bytes.
  private mutating func invoke(_ phase: Phase, upTo left: Int) -> Int {
    let takes = invocations % phase.handlerInterval == 0
    let memory = takes && phase.holdsWhileWriting ? HandlerMemory(phase) : nil
    var written = 0
    for _ in 0..<phase.valuesPerInvocation where written < left {
      let size = phase.sizes[nextKey % phase.sizes.count]
      cache.setValue([UInt8](repeating: 1, count: size), forKey: nextKey)
      nextKey += 1
      // A slot and the header of an array.
      written += size + 80
    }
    check &+= memory?.sum ?? 0
    if !takes, !phase.holdsWhileWriting {
      highest = max(highest, ResidentSet.byteCount + phase.handlerMegabytes << 20)
    }
    end(phase, takes: takes && !phase.holdsWhileWriting)
    return written
  }

  private mutating func end(_ phase: Phase, takes: Bool = false) {
    if takes { check &+= HandlerMemory(phase).sum }
    budget.invocationDidEnd()
    invocations += 1
  }

  var report: String {
    let figures = budget.guardFigures
    var fields: [(String, Int)] = [
      ("byteLimit", budget.byteLimit), ("held", cache.byteCount), ("check", check & 1),
      ("peak", max(figures["peakBytes", default: 0], highest)), ("invocations", invocations),
      ("guardMicroseconds", figures["microseconds", default: 0]),
      ("handler", figures["handlerBytes", default: 0]), ("cpuMicroseconds", cpuMicroseconds),
    ]
    for name in [
      "readings", "sheds", "shedBytes", "trims", "trimmedBytes", "trimMicroseconds",
      "longestMicroseconds",
    ] { fields.append((name, figures[name, default: 0])) }
    return "{" + fields.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
  }

  /// The time this thread has worked, and the kernel for it.
  private var cpuMicroseconds: Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
  }
}

/// The resident set of this process.
enum ResidentSet {
  /// The second number of `/proc/self/statm`, in bytes; 0 where there is none.
  static var byteCount: Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, 128, file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
  }
}

/// Memory that a handler takes for itself and touches.
struct HandlerMemory: ~Copyable {
  private var blocks: [UnsafeMutableRawPointer] = []
  private let blockByteCount: Int

  init(_ phase: Phase) {
    let byteCount = phase.handlerMegabytes << 20
    blockByteCount =
      phase.handlerBlockKilobytes == 0 ? byteCount : phase.handlerBlockKilobytes << 10
    guard byteCount > 0 else { return }
    for _ in 0..<(byteCount / blockByteCount) {
      let block = UnsafeMutableRawPointer.allocate(byteCount: blockByteCount, alignment: 16)
      memset(block, 7, blockByteCount)
      blocks.append(block)
    }
  }

  deinit {
    for block in blocks { block.deallocate() }
  }

  /// Something that depends on the memory, so that it is not optimized away.
  var sum: Int {
    blocks.reduce(0) { $0 &+ Int($1.load(fromByteOffset: blockByteCount / 2, as: UInt8.self)) }
  }
}
