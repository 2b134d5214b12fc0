/// What the records of an event ask for.
public struct InvalidationBatch: Sendable, Hashable {
  /// One record of an event.
  public struct Record: Sendable, Hashable {
    /// What the service calls the record: a message's identifier or a sequence number; `nil` if it
    /// does not say.
    public let identifier: String?
    /// What it asks for, or why that cannot be read.
    public let outcome: Result<[CacheInvalidation], InvalidationError>
  }

  /// The records, in the order of the event.
  public let records: [Record]

  init(records: [Record]) {
    self.records = records
  }

  /// Creates what a source of your own asks for, in one record.
  ///
  /// - Parameter invalidations: What is to be removed.
  public init(_ invalidations: [CacheInvalidation]) {
    records = [Record(identifier: nil, outcome: .success(invalidations))]
  }

  /// What the records ask for, but for those that cannot be read.
  public var invalidations: [CacheInvalidation] {
    records.flatMap { record in (try? record.outcome.get()) ?? [] }
  }

  /// Why records cannot be read.
  public var errors: [InvalidationError] {
    records.compactMap { record in
      if case .failure(let error) = record.outcome { error } else { nil }
    }
  }

  /// What Lambda is told, so that records that cannot be read are tried again, and the others not.
  public var response: BatchResponse {
    BatchResponse(
      failures: records.compactMap { record in
        // An empty identifier has Lambda try the whole batch again, which is all that can be done
        // about a record without one.
        if case .failure = record.outcome { record.identifier ?? "" } else { nil }
      })
  }

  /// Removes what the records ask for; those that cannot be read do not keep the others from it.
  ///
  /// - Parameter caches: The caches to remove it from.
  /// - Returns: What a handler of Amazon SQS or DynamoDB streams returns; see ``BatchResponse``.
  ///   ``errors`` says why.
  public func apply(to caches: any InvalidatingCache...) -> BatchResponse {
    for cache in caches { cache.invalidate(invalidations) }
    return response
  }

  /// Removes what the records ask for, and then fails if one could not be read.
  ///
  /// It is for services that call a function asynchronously, Amazon SNS and EventBridge: there an
  /// error is what makes Lambda try again.
  ///
  /// - Parameter caches: The caches to remove it from.
  /// - Throws: The first of the ``errors``.
  public func applyAll(to caches: any InvalidatingCache...) throws(InvalidationError) {
    for cache in caches { cache.invalidate(invalidations) }
    if let error = errors.first { throw error }
  }
}

/// What a function returns to Lambda for a batch of which only some records are to be tried again.
///
/// The event source mapping must ask for it (`ReportBatchItemFailures`), or Lambda takes the batch
/// as done. From Amazon SQS the named messages come again; from DynamoDB streams all records from
/// the first one named (AWS Lambda developer guide, *Configuring partial batch response*).
/// Invalidating twice, or in another order, does no harm.
public struct BatchResponse: Codable, Sendable, Hashable {
  /// One record that is to be tried again.
  public struct Failure: Codable, Sendable, Hashable {
    /// The identifier of a message, or the sequence number of a stream's record.
    public var itemIdentifier: String
  }

  /// The records that are to be tried again; empty if there are none.
  public var batchItemFailures: [Failure]

  /// Creates a response.
  ///
  /// - Parameter identifiers: What the records that are to be tried again are called.
  public init(failures identifiers: [String]) {
    batchItemFailures = identifiers.map(Failure.init)
  }
}
