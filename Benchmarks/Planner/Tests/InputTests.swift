import PlannerCore
import Testing
import Workload

@Suite("Reading logs")
struct InputTests {
  private let folder = TemporaryFolder()
  /// 14 November 2023, 22:13:20 UTC.
  private let start: Int64 = 1_700_000_000_000

  private func read(
    _ text: String, _ change: (inout InputOptions) -> Void = { _ in }
  ) throws -> LogIntake {
    var options = InputOptions()
    options.now = 1_800_000_000_000
    change(&options)
    return try LogReader.read([folder.write("log", text)], options: options)
  }

  @Test(
    "Reading the library's own log takes hashes, sizes, load times and environments as they are")
  func cacheLog() throws {
    let intake = try read(Samples.cache)
    #expect(intake.log.keys == [0xA1, 0xA1, .max])
    #expect(intake.log.heapBytes == [1040, 1040, 48])
    #expect(intake.log.times == [start, start + 100, start + 200])
    #expect(intake.log.loadMicroseconds == [12_500, 0, 7000])
    #expect(intake.environmentCount == 2)
    #expect(!intake.log.hasAssumedTimes && !intake.log.hasAssumedSizes)
  }

  @Test("Reading a function's stream finds look-ups and reports between lines of something else")
  func stream() throws {
    let intake = try read(Samples.stream)
    #expect(intake.log.keys == [0xA1, 0xA1, 0xA1])
    #expect(intake.log.heapBytes == [RequestLog.neverStored, 64, 64])
    #expect(intake.log.recordedRate == 0.01 && intake.log.sampleRate == 0.01)
    #expect(intake.recorded.lookUps == 3 && intake.recorded.hits == 1)
    #expect(intake.recorded.dropped == 7 && intake.recorded.foreignLines == 4)
    #expect(intake.recorded.cacheName == "users")
    #expect(intake.reports.count == 1 && intake.issues.total == 0)
    // A value that was never stored is missed again.
    let replay = Replay.run(intake.log, limits: [CacheLimit(byteLimit: 1 << 20)], threads: 1)[0]
    #expect(replay.hits == 1)
  }

  @Test("Reading a log of several caches is an error until one is chosen")
  func severalCaches() throws {
    let text =
      Samples.cache
      + "\n"
      + #"{"t":1700000000300,"c":"orders","k":"00000000000000a1","b":16,"h":0,"e":"env-1"}"#
    #expect(
      throws: InputError.severalCaches(file: folder.path + "/log", names: ["users", "orders"])
    ) { try read(text) }
    #expect(try read(text) { $0.cacheName = "users" }.log.count == 3)
    #expect(try read(text) { $0.cacheName = "orders" }.log.count == 1)
    #expect(throws: InputError.noRequests(files: [folder.path + "/log"])) {
      try read(text) { $0.cacheName = "none" }
    }
  }

  @Test("Reading hashes of each environment's own takes a key of two environments for two")
  func ownHashes() throws {
    let intake = try read(
      """
      {"t":1700000000000,"c":"users","o":"00000000000000a1","b":16,"h":0,"e":"1"}
      {"t":1700000000001,"c":"users","o":"00000000000000a1","b":16,"h":1,"e":"1"}
      {"t":1700000000002,"c":"users","o":"00000000000000a1","b":16,"h":0,"e":"2"}
      """)
    #expect(intake.log.keys[0] == intake.log.keys[1] && intake.log.keys[0] != intake.log.keys[2])
    #expect(intake.recorded.hasOwnKeys)
  }

  @Test("Reading look-ups of another part of the keys than before leaves them out, with its line")
  func changedPart() throws {
    let intake = try read(
      """
      {"t":1700000000000,"c":"users","k":"00000000000000a1","b":16,"h":0,"r":0.01,"e":"1"}
      {"t":1700000000001,"c":"users","k":"00000000000000a2","b":16,"h":0,"r":0.5,"e":"1"}
      """)
    #expect(intake.log.count == 1 && intake.issues.issues[0].places[0].hasSuffix(":2"))
  }

  @Test("Reading Athena's table of CloudFront's logs takes date and time together, and the query")
  func athena() throws {
    let log = try read(
      """
      date,time,sc_bytes,cs_uri_stem,cs_uri_query
      2023-11-14,22:13:20,500,/a,q=1
      2023-11-14,22:13:21,600,/a,q=2
      """
    ).log
    #expect(log.times == [start, start + 1000])
    #expect(log.keys[0] != log.keys[1])
  }

  @Test("Reading JSON lines finds the usual fields")
  func json() throws {
    let log = try read(Samples.json).log
    #expect(log.keys[0] == log.keys[2] && log.keys[0] != log.keys[1])
    #expect(log.times == [start, start + 500, start + 1000])
    #expect(log.heapBytes[1] == UInt32(EntrySize.heapBytes(keyLength: 8, valueBytes: 90)))
  }

  @Test("Reading JSON lines follows a path, through arrays as well")
  func paths() throws {
    let log = try read(Samples.nested) {
      $0.keyFields = ["record.user.name", "record.parts.1.n"]
      $0.timeField = "time"
      $0.loadField = "record.ms"
    }.log
    #expect(log.keys[0] == log.keys[2] && log.keys[0] != log.keys[1])
    #expect(log.times == [start, start + 1250, start + 2000])
    #expect(log.loadMicroseconds == [3000, 4000, 5000])
    #expect(log.hasAssumedSizes)
  }

  @Test("Reading JSON lines finds reports between the requests, if a key is named")
  func mixed() throws {
    let text = """
      {"time":"2023-11-14T22:13:20Z","type":"platform.start","record":{"requestId":"c"}}
      {"time":"2023-11-14T22:13:20Z","user":"ada"}
      {"time":"2023-11-14T22:13:21Z","type":"platform.report","record":{"metrics":\
      {"durationMs":5.5,"billedDurationMs":6,"memorySizeMB":256,"maxMemoryUsedMB":92}}}
      """
    let intake = try read(text) { $0.keyFields = ["user"] }
    #expect(intake.log.times == [start])
    #expect(intake.reports.count == 1 && intake.reports.durationSum == 5.5)
    #expect(intake.issues.total == 1)
  }

  @Test("Reading tables finds the usual columns, and takes a quoted separator for a character")
  func tables() throws {
    let csv = try read(Samples.csv).log
    #expect(csv.times == [start, start + 1000, start + 2000])
    #expect(csv.keys[0] == csv.keys[2] && csv.keys[0] != csv.keys[1])
    let tsv = try read(Samples.tsv).log
    #expect(tsv.times == csv.times)
    #expect(tsv.keys[0] == tsv.keys[2])
  }

  @Test("Reading a table names the columns there are if the one named is missing")
  func missingColumn() {
    #expect(
      throws: InputError.missingField(
        file: folder.path + "/log", name: "user",
        available: ["@timestamp", "path", "bytes", "note"])
    ) { try read(Samples.csv) { $0.keyFields = ["user"] } }
  }

  @Test("Reading the common log format takes method and target for the key, in any time zone")
  func common() throws {
    let log = try read(Samples.common).log
    #expect(log.times == [start, start + 1000, start + 2000])
    #expect(log.keys[0] == log.keys[2] && log.keys[0] != log.keys[1])
    #expect(log.heapBytes[0] == UInt32(EntrySize.heapBytes(keyLength: 10, valueBytes: 2326)))
    #expect(log.heapBytes[1] == 0)
  }

  @Test("Reading logs of load balancers takes sent bytes and the target's time")
  func loadBalancer() throws {
    let intake = try read(Samples.loadBalancer)
    #expect(intake.log.times == [start + 123, start + 1123])
    #expect(intake.log.count == 2)
    #expect(intake.meanDurationMicroseconds == 25_000)
  }

  @Test("Reading logs of CloudFront goes by the names of the fields")
  func cloudFront() throws {
    let intake = try read(Samples.cloudFront)
    #expect(intake.log.times == [start, start + 1000, start + 2000])
    #expect(intake.log.keys[0] == intake.log.keys[2])
    #expect(intake.log.keys[0] != intake.log.keys[1])
    #expect(intake.meanDurationMicroseconds == 20_000)
  }

  @Test("Reading REPORT lines takes durations, memory and initializations, in text and JSON")
  func reports() throws {
    let reports = try read(Samples.reports).reports
    #expect(reports.count == 3)
    #expect(reports.durationSum == 36)
    #expect(reports.billedSum == 517)
    #expect(reports.initCount == 1 && reports.initSum == 480.25)
    #expect(reports.memorySize == 512 && reports.maxMemoryUsed == 92)
  }

  @Test(
    "Reading gzip data gives the same as plain data, with several members, too",
    arguments: Samples.all)
  func compressed(name: String, text: String) throws {
    var options = InputOptions()
    options.now = 1_800_000_000_000
    let plain = try LogReader.read([folder.write("plain", text)], options: options)
    let whole = folder.writeCompressed("whole.gz", Array(text.utf8))
    let inflated = try LogReader.read([whole], options: options)
    #expect(inflated.log.keys == plain.log.keys && inflated.reports == plain.reports)
    let middle = text.utf8.count / 2
    let first = folder.writeCompressed("first.gz", Array(text.utf8.prefix(middle)))
    let second = folder.writeCompressed("second.gz", Array(text.utf8.dropFirst(middle)))
    let both = folder.write("both.gz", folder.read(first) + folder.read(second) + [0, 0, 0])
    let joined = try LogReader.read([both], options: options)
    #expect(joined.log.keys == plain.log.keys && joined.reports == plain.reports)
  }

  @Test("Reading compressed data that ends too early keeps what came before, and reports it")
  func cutOff() throws {
    let line = #"{"t":1700000000000,"k":"00000000000000a1","b":1040}"# + "\n"
    var text = ""
    for _ in 0..<5000 { text += line }
    let whole = folder.read(folder.writeCompressed("whole.gz", Array(text.utf8)))
    let path = folder.write("cut.gz", Array(whole.dropLast(12)))
    let intake = try LogReader.read([path], options: InputOptions())
    #expect(intake.log.count > 0 && intake.log.count <= 5000)
    #expect(intake.issues.total >= 1)
    var strict = InputOptions()
    strict.isStrict = true
    #expect(throws: InputError.self) { try LogReader.read([path], options: strict) }
  }

  @Test("Reading logs counts malformed lines with their numbers, or ends at the first")
  func malformed() throws {
    let text =
      Samples.cache + "\n{\"t\":1,}\n" + #"{"t":1,"k":"zz","b":1}"# + "\n\n{\"t\":,}\n"
    let intake = try read(text)
    #expect(intake.log.count == 3)
    #expect(intake.issues.total == 3)
    #expect(intake.issues.issues[0].places.map { $0.hasSuffix(":4") } == [true, false])
    #expect(
      throws: InputError.malformed(
        file: folder.path + "/log", line: 4, reason: "it is no JSON object")
    ) { try read(text) { $0.isStrict = true } }
  }

  @Test("Reading logs leaves times in the future out, and sorts lines that came too late")
  func times() throws {
    let text = """
      {"t":1700000000200,"k":"00000000000000a1","b":16}
      {"t":1700000000100,"k":"00000000000000a2","b":32}
      {"t":1700000000100,"k":"00000000000000a3","b":48}
      {"t":2000000000000,"k":"00000000000000a4","b":64}
      {"t":99999999999999999,"k":"00000000000000a5","b":64}
      """
    let intake = try read(text)
    #expect(intake.log.keys == [0xA2, 0xA3, 0xA1])
    #expect(intake.log.heapBytes == [32, 48, 16])
    #expect(intake.disorderCount == 2)
    #expect(intake.firstDisorder?.hasSuffix(":2") == true)
    #expect(intake.issues.total == 2)
  }

  @Test("Reading logs with times in whole seconds spreads the requests of each over it")
  func wholeSeconds() throws {
    let lines = [0, 1, 1, 1, 3, 3].map {
      "192.0.2.1 - - [14/Nov/2023:22:13:2\($0) +0000] \"GET /a HTTP/1.1\" 200 1"
    }
    let log = try read(lines.joined(separator: "\n")).log
    #expect(log.times.map { $0 - start } == [0, 1000, 1333, 1666, 3000, 3500])
    #expect(log.hasSpreadTimes)
    let exact = try read(
      """
      {"t":1700000000000,"k":"00000000000000a1","b":16}
      {"t":1700000000000,"k":"00000000000000a1","b":16}
      {"t":1700000000001,"k":"00000000000000a1","b":16}
      """)
    #expect(exact.log.times == [start, start, start + 1] && !exact.log.hasSpreadTimes)
  }

  @Test("Reading logs skips a line of two megabytes and goes on behind it")
  func enormousLine() throws {
    let text =
      Samples.cache + "\n{\"k\":\"" + String(repeating: "x", count: 2 << 20) + "\"}\n"
      + Samples.cache + "\n"
    let intake = try read(text)
    #expect(intake.log.count == 6)
    #expect(intake.issues.total == 1)
    #expect(intake.issues.issues[0].places[0].hasSuffix(":4"))
  }

  @Test("Reading nothing, a folder, binary or unknown data is a typed error")
  func unusable() {
    #expect(throws: InputError.noRequests(files: [folder.path + "/log"])) { try read("") }
    #expect(throws: InputError.unreadable(file: folder.path, reason: "it is a directory")) {
      try LogReader.read([folder.path], options: InputOptions())
    }
    #expect(throws: InputError.self) { try read("\u{0}\u{1}\u{2}") }
    #expect(throws: InputError.self) { try read("hello\nworld\n") }
    #expect(throws: InputError.self) { try read(#"[{"key": "a", "time": 1}, {"key": "b"}]"#) }
    #expect(throws: InputError.self) {
      try LogReader.read(["/nowhere/at/all"], options: InputOptions())
    }
  }

  @Test("Reading too many requests keeps a sample of the keys, and the first of them whole")
  func sample() throws {
    var lines = ""
    for index in 0..<20_000 {
      let key = String(index % 1000 + 0x1000, radix: 16)
      lines +=
        "{\"t\":\(1_700_000_000_000 + index),\"k\":\"000000000000\(key)\",\"b\":16}\n"
    }
    let intake = try read(lines) {
      $0.exactLimit = 5000
      $0.windowLimit = 700
    }
    #expect(intake.log.requestsRead == 20_000)
    #expect(intake.log.count <= 5000 && intake.log.count > 1000)
    #expect(intake.window?.count == 700)
    let part = Double(Set(intake.log.keys).count) / 1000
    #expect(abs(part - intake.log.sampleRate) < 0.05)
  }

  @Test("Reading a recorded stream takes the sizes beside it, and a cut key for damage")
  func recorded() throws {
    let keys: [UInt8] = [1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9]
    let path = folder.write("trace.u32le", keys)
    _ = folder.write("trace.sizes.u32le", [16, 0, 0, 0, 0, 1, 0, 0, 16, 0, 0, 0])
    let intake = try LogReader.read([path], options: InputOptions())
    #expect(intake.log.count == 3)
    #expect(intake.log.keys[0] == intake.log.keys[2])
    #expect(intake.log.heapBytes[1] == UInt32(EntrySize.heapBytes(keyLength: 0, valueBytes: 256)))
    #expect(intake.issues.total == 1)
    #expect(intake.log.hasAssumedTimes)
  }
}

@Suite("Reading damaged logs")
struct InputFuzzTests {
  /// `PLANNER_FUZZ_ROUNDS` makes a run longer.
  private static let rounds = Platform.environment("PLANNER_FUZZ_ROUNDS").flatMap(Int.init) ?? 400

  /// What numbers and texts must not be.
  private static let pieces = [
    "99999999999999999999", "1e309", "-1", "0.", "nan", "9007199254740993", "253402300800000",
    "\u{FEFF}", "\\u0000", "{\"t\":", "REPORT RequestId:",
  ].map { Array($0.utf8) }

  @Test("Reading damaged logs never traps", arguments: Samples.all)
  func mutated(name: String, text: String) {
    let folder = TemporaryFolder()
    var generator = SplitMix64(seed: UInt64(name.utf8.count) &* 77)
    let interesting: [UInt8] = [
      0, 9, 10, 13, 32, 34, 44, 45, 46, 48, 57, 58, 91, 92, 93, 123, 125, 255,
    ]
    for round in 0..<Self.rounds {
      var bytes = Array(text.utf8)
      for _ in 0..<Int.random(in: 1...8, using: &generator) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes[place] = interesting.randomElement(using: &generator)!
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(interesting.randomElement(using: &generator)!, at: place)
        case 3: bytes.removeSubrange(place...)
        case 4: bytes.insert(contentsOf: Self.pieces.randomElement(using: &generator)!, at: place)
        default: bytes += bytes[place...]
        }
      }
      let path =
        round % 4 == 0
        ? folder.writeCompressed("fuzz", bytes) : folder.write("fuzz", bytes)
      if round % 8 == 0 {
        var packed = folder.read(path)
        packed[Int.random(in: 0..<packed.count, using: &generator)] ^= 0x55
        _ = folder.write("fuzz", packed)
      }
      var options = InputOptions()
      options.isStrict = round % 3 == 0
      if round % 2 == 0 { options.format = LogFormat(rawValue: name) }
      do throws(InputError) {
        let intake = try LogReader.read([path], options: options)
        // The columns agree.
        #expect(intake.log.heapBytes.count == intake.log.count)
        #expect(intake.log.times.isEmpty || intake.log.times.count == intake.log.count)
        #expect(intake.log.times == intake.log.times.sorted())
        // So do the counts of what was left out, each of which has a place.
        #expect(intake.issues.issues.allSatisfy { $0.count >= $0.places.count })
        #expect(intake.issues.issues.allSatisfy { !$0.places.isEmpty })
      } catch {
        #expect(!error.description.isEmpty)
      }
    }
  }
}
