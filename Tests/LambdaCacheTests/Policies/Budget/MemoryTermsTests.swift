import LambdaCache
import TestSupport
import Testing

@Suite("The terms of a memory budget")
struct MemoryTermsTests {
  private let process = ProcessMemory(residentByteCount: 10 << 20, containerLimit: nil)

  private func mebibytes(_ count: Double) -> Int { Int(count * 1_048_576) }

  @Test(
    "A memory budget is the function's memory, less what is in use, less a default reserve",
    arguments: [
      (128, 52.0), (256, 100), (512, 196), (1024, 388), (2048, 580), (4096, 964), (10_240, 2116),
    ])
  func functionMemory(megabytes: Int, reserve: Double) throws {
    let terms = try MemoryTerms(
      environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "\(megabytes)"], process: process)
    #expect(terms.limit.byteCount == megabytes * 1024 * 1024)
    #expect(terms.limit.source == "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=\(megabytes)")
    #expect(terms.resident.byteCount == 10 << 20)
    #expect(abs(terms.reserve.byteCount - mebibytes(reserve)) <= 1)
    #expect(
      terms.byteLimit
        == terms.limit.byteCount - terms.resident.byteCount - terms.reserve.byteCount)
  }

  @Test("More memory never leaves less for caches, and always some")
  func monotonic() throws {
    var previous = 0
    for megabytes in 128...10_240 {
      let terms = try MemoryTerms(
        environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "\(megabytes)"], process: process)
      guard terms.byteLimit > previous, terms.byteLimit < terms.limit.byteCount else {
        Issue.record("\(megabytes) MB leave \(terms.byteLimit) bytes after \(previous)")
        break
      }
      previous = terms.byteLimit
    }
  }

  @Test(
    "The reserve of a memory budget can be set",
    arguments: [
      ("20MiB", 20 << 20), ("25%", 32 << 20), ("0", 0), ("auto", 52 << 20), ("100%", 128 << 20),
      ("1GiB", 1 << 30),
    ])
  func reserve(value: String, byteCount: Int) throws {
    let terms = try MemoryTerms(
      environment: [
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128", "LAMBDA_CACHE_RESERVE": value,
      ], process: process)
    #expect(terms.reserve.byteCount == byteCount)
    #expect(terms.byteLimit == max(0, 118 << 20 - byteCount))
  }

  @Test("Further concurrent invocations raise the reserve, up to a quarter of the memory")
  func concurrency() throws {
    func reserve(_ concurrency: String?) throws -> Int {
      var environment = ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "2048"]
      environment["AWS_LAMBDA_MAX_CONCURRENCY"] = concurrency
      return try MemoryTerms(environment: environment, process: process).reserve.byteCount
    }
    let one = try reserve(nil)
    #expect(try reserve("1") == one)
    #expect(try reserve("11") == one + 80 << 20)
    #expect(try reserve("1000") == one + 512 << 20)
  }

  @Test("A memory budget takes a Managed Instance of up to 32 GB")
  func managedInstances() throws {
    let environment = [
      "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "32768",
      "AWS_LAMBDA_INITIALIZATION_TYPE": "lambda-managed-instances",
    ]
    let terms = try MemoryTerms(environment: environment, process: process)
    #expect(terms.limit.byteCount == 32 << 30)
    let busy = try MemoryTerms(
      environment: environment.merging(["AWS_LAMBDA_MAX_CONCURRENCY": "64"]) { $1 },
      process: process)
    #expect(busy.byteLimit == 25_914 << 20)
  }

  @Test("A memory budget follows the container's limit outside Lambda, else 512 MiB")
  func fallbacks() throws {
    let container = ProcessMemory(
      residentByteCount: 10 << 20,
      containerLimit: .init(byteCount: 300 << 20, source: "/sys/fs/cgroup/memory.max"))
    let contained = try MemoryTerms(environment: [:], process: container)
    #expect(contained.limit.byteCount == 300 << 20)
    #expect(contained.limit.source == "/sys/fs/cgroup/memory.max")
    let inLambda = try MemoryTerms(
      environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128"], process: container)
    #expect(inLambda.limit.byteCount == 128 << 20)
    let free = try MemoryTerms(environment: [:], process: process)
    #expect(free.limit.byteCount == 512 << 20)
    let blind = try MemoryTerms(
      environment: [:], process: ProcessMemory(residentByteCount: nil, containerLimit: nil))
    #expect(blind.resident.byteCount == 32 << 20)
  }

  @Test("A process that already uses more than there is leaves nothing")
  func nothingLeft() throws {
    let large = ProcessMemory(residentByteCount: 100 << 20, containerLimit: nil)
    let terms = try MemoryTerms(
      environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128"], process: large)
    #expect(terms.byteLimit == 0)
  }

  @Test(
    "A memory size that Lambda does not have is refused",
    arguments: [
      "0", "127", "10241", "32768", "-128", "128MB", "128.5", "x", "1e3", "0x80",
      "99999999999999999999",
    ])
  func malformedMemorySize(value: String) {
    let variable = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
    let error = #expect(throws: ConfigurationError.self) {
      try MemoryBudget(environment: [variable: value])
    }
    #expect(
      error?.issues == [
        .init(variable: variable, value: value, accepted: "a whole number from 128 to 10240")
      ])
  }

  @Test("All variables that cannot be used are reported together, those of caches as well")
  func severalIssues() {
    let error = #expect(throws: ConfigurationError.self) {
      try MemoryBudget(environment: [
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "many", "LAMBDA_CACHE_RESERVE": "some",
        "AWS_LAMBDA_MAX_CONCURRENCY": "0", "LAMBDA_CACHE_TTL": "for a while",
      ])
    }
    #expect(
      error?.issues.map(\.variable) == [
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_MAX_CONCURRENCY", "LAMBDA_CACHE_RESERVE",
        "LAMBDA_CACHE_TTL",
      ])
  }
}

@Suite("The memory limits of the system", .prompt)
struct ProcessMemoryTests {
  @Test("The resident set of this process can be read")
  func resident() throws {
    let resident = try #require(ProcessMemory.current.residentByteCount)
    #expect((1 << 20...1 << 40).contains(resident))
  }

  @Test("Memory that is touched becomes resident")
  func growth() async {
    await #expect(processExitsWith: .success) {
      guard let before = ProcessMemory.currentResidentByteCount else { return }
      let bytes = [UInt8](repeating: 1, count: 64 << 20)
      let after = withExtendedLifetime(bytes) { ProcessMemory.currentResidentByteCount ?? 0 }
      #expect(after - before > 60 << 20)
    }
  }

  @Test(
    "The tightest limit of the process's control groups counts",
    arguments: [
      // Version 2, in a container with a name space of its own.
      (["/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "134217728\n"], 134_217_728),
      // Version 2, nested: the group above is tighter.
      (
        [
          "/proc/self/cgroup": "0::/a/b\n", "/sys/fs/cgroup/a/b/memory.max": "max\n",
          "/sys/fs/cgroup/a/memory.max": "1000000\n", "/sys/fs/cgroup/memory.max": "2000000\n",
        ], 1_000_000
      ),
      // Version 1.
      (
        [
          "/proc/self/cgroup": "5:cpu,cpuacct:/x\n4:memory:/x\n",
          "/sys/fs/cgroup/memory/x/memory.limit_in_bytes": "268435456\n",
          "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        ], 268_435_456
      ),
      // Version 1 with another controller beside memory, and the host's path in a container.
      (
        [
          "/proc/self/cgroup": "4:hugetlb,memory:/docker/0123\n0::/\n",
          "/sys/fs/cgroup/memory/memory.limit_in_bytes": "500000000",
        ], 500_000_000
      ),
      // A path above the name space.
      (
        ["/proc/self/cgroup": "0::/../../x\n", "/sys/fs/cgroup/memory.max": "77777777"],
        77_777_777
      ),
      // No list of groups.
      (["/sys/fs/cgroup/memory.max": "12345678"], 12_345_678),
      // A path with a colon.
      (
        ["/proc/self/cgroup": "0::/a:b\n", "/sys/fs/cgroup/a:b/memory.max": "4096000"], 4_096_000
      ),
    ] as [([String: String], Int)])
  func containerLimit(files: [String: String], byteCount: Int) {
    #expect(ProcessMemory.containerLimit { files[$0] }?.byteCount == byteCount)
  }

  @Test(
    "A control group without a limit has none",
    arguments: [
      [:], ["/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "max\n"],
      [
        "/proc/self/cgroup": "4:memory:/\n",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      ],
      ["/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": ""],
      ["/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "-1"],
      ["/proc/self/cgroup": "garbage\n:\n::\n1:2\n", "/sys/fs/cgroup/memory.max": "5"],
    ] as [[String: String]])
  func noContainerLimit(files: [String: String]) {
    #expect(ProcessMemory.containerLimit { files[$0] } == nil)
  }
}
