import ArgumentParser
import PlannerCore

extension LogFormat: ExpressibleByArgument {}

/// How logs are read.
struct ReadingOptions: ParsableArguments {
  @Option(help: "The format of all logs. (default: recognized)")
  var format: LogFormat?

  @Option(
    help: ArgumentHelp(
      "The cache whose look-ups count, where the library's log is of several.", valueName: "name"))
  var cache: String?

  @Option(
    help: ArgumentHelp(
      "The fields that make up a key, with commas between them.", valueName: "fields"))
  var key: String?

  @Option(help: ArgumentHelp("The field with the time of a request.", valueName: "field"))
  var time: String?

  @Option(help: ArgumentHelp("The field with the bytes of a value.", valueName: "field"))
  var size: String?

  @Option(
    help: ArgumentHelp("The field with the milliseconds that a load took.", valueName: "field"))
  var load: String?

  @Option(help: "Which sizes belong to NAME.u32le: those of NAME.<sizes>.u32le.")
  var sizes = "sizes"

  @Option(help: ArgumentHelp("Bytes of a value where the log has no sizes.", valueName: "bytes"))
  var valueBytes = 1000

  @Option(help: "The part of the keys that the log was recorded of, above 0 to 1.")
  var recordedPart = 1.0

  @Option(help: "The part of the keys to read, above 0 to 1.")
  var sample = 1.0

  @Option(help: "Requests that are replayed exactly; a sample of the keys beyond that.")
  var exactRequests = 10_000_000

  @Flag(help: "End at the first malformed line, instead of counting it.")
  var strict = false

  func validate() throws {
    guard (1...1_000_000_000).contains(valueBytes) else {
      throw ValidationError("--value-bytes is \(valueBytes); it must be from 1 to 1000000000.")
    }
    guard (key ?? "").split(separator: ",").count <= 16 else {
      throw ValidationError("--key has more than 16 fields.")
    }
    for (name, part) in [("recorded-part", recordedPart), ("sample", sample)] {
      guard part > 0, part <= 1 else {
        throw ValidationError("--\(name) is \(part); it must be above 0 and at most 1.")
      }
    }
    guard (1000...100_000_000).contains(exactRequests) else {
      throw ValidationError(
        "--exact-requests is \(exactRequests); it must be from 1000 to 100000000.")
    }
  }

  func inputOptions() throws -> InputOptions {
    var options = InputOptions()
    options.format = format
    options.cacheName = cache
    options.keyFields = key.map { $0.split(separator: ",").map(String.init) } ?? []
    options.timeField = time
    options.sizeField = size
    options.loadField = load
    options.sizesName = sizes
    options.isStrict = strict
    options.exactLimit = exactRequests
    options.recordedRate = recordedPart
    options.keepRate = sample
    options.assumedValueBytes = valueBytes
    return options
  }
}
