import PlannerCore
import Testing

@Suite("Memory in use beside caches")
struct MemoryInUseTests {
  private let folder = TemporaryFolder()
  private static let lookUp =
    #"{"t":1700000000000,"c":"users","k":"00000000000000a1","b":1040,"h":0,"e":"1"}"#

  private func read(_ lines: [String]) throws -> LogIntake {
    var options = InputOptions()
    options.now = 1_800_000_000_000
    return try LogReader.read(
      [folder.write("log", lines.joined(separator: "\n"))], options: options)
  }

  private static func line(_ memory: Int, _ inUse: Int, cache: String = "users") -> String {
    #"{"t":1700000000000,"c":"\#(cache)","m":\#(memory << 20),"u":\#(inUse),"r":1,"e":"1"}"#
  }

  @Test("Reading the library's own log takes what environments had in use, and no request from it")
  func reading() throws {
    let intake = try read([
      Self.line(128, 7_000_000), Self.lookUp, Self.line(128, 9_000_000), Self.lookUp,
      Self.line(128, 7_400_000),
    ])
    #expect(intake.log.count == 2 && intake.issues.total == 0)
    #expect(intake.recorded.foreignLines == 0 && intake.recorded.cacheName == "users")
    #expect(intake.recorded.memoryInUse.count == 3)
    #expect(intake.recorded.memoryInUse.byteCount(atMegabytes: 128) == 7_400_000)
  }

  @Test("Reading a log without lines about memory finds none")
  func withoutLines() throws {
    let intake = try read([Self.lookUp])
    #expect(intake.log.count == 1 && intake.issues.total == 0)
    #expect(intake.recorded.memoryInUse == MemoryInUse())
    #expect(intake.recorded.memoryInUse.byteCount(atMegabytes: 128) == nil)
  }

  @Test(
    "Reading leaves a line about memory out that lacks a number, and counts it",
    arguments: [
      #""m":134217728"#, #""m":134217728,"u":-1"#, #""m":"much","u":1"#, #""m":1e9,"u":1"#,
      #""m":134217728,"u":9000000000000000000000"#,
    ])
  func malformed(members: String) throws {
    let intake = try read([Self.lookUp, #"{"t":1700000000000,"c":"users",\#(members),"e":"1"}"#])
    #expect(intake.log.count == 1 && intake.issues.total == 1)
    #expect(intake.recorded.memoryInUse == MemoryInUse())
  }

  @Test("Memory in use at a setting is the median of its environments, whatever one of them had")
  func median() {
    var memory = MemoryInUse()
    for bytes in [900, 100, 120, 110] { memory.note(bytes, ofMemory: 128 << 20) }
    #expect(memory.byteCount(atMegabytes: 128) == 115)
    memory.note(10, ofMemory: 128 << 20)
    #expect(memory.byteCount(atMegabytes: 128) == 110)
  }

  @Test("Memory in use lies on a line between two settings, and beyond them is that of the nearest")
  func settings() {
    var memory = MemoryInUse()
    memory.note(400, ofMemory: 512 << 20)
    memory.note(100, ofMemory: 128 << 20)
    memory.note(0, ofMemory: 1024 << 20)
    let expected = [64: 100, 128: 100, 256: 200, 384: 300, 512: 400, 768: 200, 1024: 0, 2048: 0]
    for (megabytes, bytes) in expected {
      #expect(memory.byteCount(atMegabytes: megabytes) == bytes)
    }
    #expect(MemoryInUse(byteCount: 7).byteCount(atMegabytes: 10_240) == 7)
  }

  @Test("A plan leaves caches what is not in use at each memory setting")
  func plan() throws {
    var options = PlanOptions()
    options.memorySettings = [128, 256]
    options.memoryInUse = MemoryInUse()
    options.memoryInUse.note(9 << 20, ofMemory: 128 << 20)
    options.memoryInUse.note(11 << 20, ofMemory: 256 << 20)
    let points = Planner.points(try read([Self.lookUp, Self.lookUp]), options)
    #expect(points.map(\.cacheBytes) == [(128 - 52 - 9) << 20, (256 - 100 - 11) << 20])
  }
}
