/// The parts of events and messages, each with what is read of it; the rest is skipped.
///
/// An event has whatever its sender put into it, and a decoder answers the question of a value's
/// kind with an error for each wrong guess. So nothing is asked about what nobody reads.
enum JSONPart: Sendable {
  /// That it is there.
  case presence
  /// A string; of anything else that it is there.
  case text
  /// A string, a number, `true`, `false` or `null`; of an array or an object that it is one.
  case scalar
  /// An array of strings, up to the first element that is none.
  case texts
  /// A message that invalidates, or an envelope with one.
  case message
  /// The member `invalidate` of a message.
  case invalidation
  /// An event of Amazon EventBridge.
  case bridgeEvent
  /// A record of Amazon SQS.
  case queueRecord
  /// A record of Amazon SNS.
  case topicRecord
  /// The member `Sns` of a record of Amazon SNS.
  case notification
  /// A record of a DynamoDB stream.
  case streamRecord
  /// The member `dynamodb` of a record of a DynamoDB stream.
  case change
  /// Attributes of an item by their names.
  case item
  /// The value of an attribute by its type.
  case attribute
  /// All of it, which only tests of the readers need.
  case everything

  /// How deep arrays and objects may be in each other: more than any message needs, and less than
  /// the stack can bear.
  static let deepest = 64

  /// Whether anything is read of the members, should it be an object.
  var hasMembers: Bool {
    switch self {
    case .presence, .text, .scalar, .texts: false
    default: true
    }
  }

  /// The part that a member is, or `nil` if it is skipped.
  func member(_ name: String) -> JSONPart? {
    switch (self, name) {
    case (.message, "invalidate"): .invalidation
    case (.message, "Message"): .scalar
    case (.message, "TopicArn"), (.message, "detail-type"): .presence
    case (.message, "detail"), (.bridgeEvent, "detail"): .message
    case (.invalidation, "keys"), (.invalidation, "prefixes"), (.invalidation, "tags"): .texts
    case (.invalidation, "all"): .scalar
    case (.invalidation, _): .presence
    case (.bridgeEvent, "id"): .scalar
    case (.queueRecord, "messageId"), (.queueRecord, "body"): .scalar
    case (.topicRecord, "Sns"): .notification
    case (.notification, "MessageId"), (.notification, "Message"): .scalar
    case (.streamRecord, "dynamodb"): .change
    case (.streamRecord, "eventName"), (.streamRecord, "eventSourceARN"): .scalar
    case (.change, "SequenceNumber"): .scalar
    case (.change, "Keys"), (.change, "NewImage"), (.change, "OldImage"): .item
    case (.item, _): .attribute
    case (.attribute, "S"), (.attribute, "N"), (.attribute, "B"): .text
    case (.attribute, _): .presence
    case (.everything, _): .everything
    default: nil
    }
  }

  /// The part that an element is, should it be an array; `nil` if none is read.
  var element: JSONPart? {
    switch self {
    case .texts: .scalar
    case .everything: .everything
    default: nil
    }
  }
}
