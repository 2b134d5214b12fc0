/// A batch of messages from Amazon SQS that say what is to be removed from caches.
///
/// The body of a message is an ``InvalidationMessage``, or an Amazon SNS notification or an Amazon
/// EventBridge event that contains one.
public struct SQSInvalidationEvent: Decodable, Sendable, CacheInvalidationSource {
  /// What the messages ask for.
  public let invalidations: InvalidationBatch

  /// Reads an event (AWS Lambda developer guide, *Using Lambda with Amazon SQS*).
  ///
  /// - Parameter decoder: Where to read.
  /// - Throws: `DecodingError` if there is no list of records, or one of more than 10,000. A record
  ///   that cannot be read is no error here, but in its outcome.
  public init(from decoder: any Decoder) throws {
    invalidations = try EventRecords(from: decoder, as: .queueRecord)
      .batch(identifiedBy: ["messageId"]) {
        record throws(InvalidationFault) in
        let text = try record.text(at: ["body"])
        return try InvalidationMessage(text: text, path: "body").invalidations
      }
  }
}

/// Notifications from Amazon SNS that say what is to be removed from caches.
///
/// The message is an ``InvalidationMessage``, or an Amazon EventBridge event that contains one.
public struct SNSInvalidationEvent: Decodable, Sendable, CacheInvalidationSource {
  /// What the notifications ask for.
  public let invalidations: InvalidationBatch

  /// Reads an event (AWS Lambda developer guide, *Using Lambda with Amazon SNS*).
  ///
  /// - Parameter decoder: Where to read.
  /// - Throws: `DecodingError` if there is no list of records, or one of more than 10,000. A record
  ///   that cannot be read is no error here, but in its outcome.
  public init(from decoder: any Decoder) throws {
    invalidations = try EventRecords(from: decoder, as: .topicRecord)
      .batch(identifiedBy: ["Sns", "MessageId"]) {
        record throws(InvalidationFault) in
        let text = try record.text(at: ["Sns", "Message"])
        return try InvalidationMessage(text: text, path: "Sns.Message").invalidations
      }
  }
}

/// An event from Amazon EventBridge that says what is to be removed from caches.
///
/// Its detail is an ``InvalidationMessage``.
public struct EventBridgeInvalidationEvent: Decodable, Sendable, CacheInvalidationSource {
  /// What the event asks for, in one record.
  public let invalidations: InvalidationBatch

  /// Reads an event (EventBridge user guide, *Event structure reference*).
  ///
  /// - Parameter decoder: Where to read.
  /// - Throws: What the decoder throws. An event that does not say what to remove is no error here,
  ///   but in its outcome.
  public init(from decoder: any Decoder) throws {
    let event = try JSONValue(from: decoder, as: .bridgeEvent)
    invalidations = InvalidationBatch(
      records: [
        InvalidationBatch.Record(0, identifier: event["id"]?.string) {
          () throws(InvalidationFault) in
          guard let detail = event["detail"] else {
            throw InvalidationFault(path: "detail", problem: .missing(accepted: "an object"))
          }
          return try InvalidationMessage(detail, path: "detail").invalidations
        }
      ])
  }
}
