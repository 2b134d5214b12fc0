internal import LambdaCacheText

/// The outcome of an ``InvalidationEvent``, and the function's answer to it.
///
/// As JSON it is what Lambda expects for a batch of which only some records are to be tried again,
/// `{"batchItemFailures": [{"itemIdentifier": "…"}]}`. The event source mapping must request it
/// (`ReportBatchItemFailures`), or Lambda takes the batch as done. From Amazon SQS the named
/// messages come again; from DynamoDB streams all records from the first one named (AWS Lambda
/// developer guide, *Configuring partial batch response*). Invalidating twice, or in another order,
/// does no harm.
///
/// A record of a stream that can never be read keeps its shard waiting until the record is too old:
/// give the event source mapping a largest number of retries.
public struct InvalidationResult: Encodable, Sendable, Hashable {
  private struct Failure: Encodable, Sendable, Hashable {
    var itemIdentifier: String
  }

  private enum CodingKeys: CodingKey {
    case batchItemFailures
  }

  /// The invalidations that were applied, in the order of the records.
  public internal(set) var invalidations: [CacheInvalidation] = []

  /// The errors of records that could not be read; empty if there are none.
  public private(set) var errors: [InvalidationError] = []

  private var batchItemFailures: [Failure] = []

  init() {}

  /// Notes that a record could not be read.
  mutating func note(_ error: InvalidationError) {
    errors.append(error)
    // An empty identifier has Lambda try the whole batch again, which is all that can be done about
    // a record without one.
    batchItemFailures.append(Failure(itemIdentifier: error.identifier ?? ""))
  }

  /// The identifiers of the records that are to be tried again.
  var failedIdentifiers: [String] { batchItemFailures.map(\.itemIdentifier) }

  /// The answer as JSON, for a handler that returns text.
  public var json: String {
    var json = JSONWriter()
    json.append(literal: #"{"batchItemFailures":"#)
    json.append(failedIdentifiers, in: ("[", "]")) { json, identifier in
      json.append(literal: #"{"itemIdentifier":"#)
      json.append(string: identifier)
      json.append(literal: "}")
    }
    json.append(literal: "}")
    return String(decoding: json.bytes, as: UTF8.self)
  }
}
