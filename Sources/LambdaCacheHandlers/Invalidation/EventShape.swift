internal import LambdaCacheText

/// The parts of events and messages, each with what is read of it.
enum EventShape: JSONShape {
  /// Only the presence of a value.
  case presence
  /// A string; of anything else only its presence.
  case text
  /// A string, a number, `true`, `false` or `null`; of an array or an object only its kind.
  case scalar
  /// An array of strings, up to the first element that is not one.
  case texts
  /// A message that invalidates, or an envelope with one.
  case message
  /// The member `invalidate` of a message.
  case invalidation
  /// An event without records: one of Amazon EventBridge, or a message by itself.
  case singleEvent
  /// An event of any service.
  case event
  /// The records of an event.
  case records
  /// A record of Amazon SQS, Amazon SNS or a DynamoDB stream.
  case record
  /// The member `Sns` of a record of Amazon SNS.
  case notification
  /// The member `dynamodb` of a record of a DynamoDB stream.
  case change
  /// Attributes of an item by their names.
  case item
  /// The value of an attribute by its type.
  case attribute
  /// All of a value, which only tests of the readers need.
  case everything

  var isTextOnly: Bool { self == .text || self == .attribute }

  var endsAtOtherElement: Bool { self == .texts }

  var hasMembers: Bool {
    switch self {
    case .presence, .text, .scalar, .texts, .records: false
    default: true
    }
  }

  func member(_ name: String) -> EventShape? {
    switch (self, name) {
    case (.event, "Records"): .records
    case (.event, _): EventShape.singleEvent.member(name)
    case (.singleEvent, "id"): .scalar
    case (.message, "invalidate"), (.singleEvent, "invalidate"): .invalidation
    case (.message, "Message"), (.singleEvent, "Message"): .scalar
    case (.message, "TopicArn"), (.message, "detail-type"): .presence
    case (.singleEvent, "TopicArn"), (.singleEvent, "detail-type"): .presence
    case (.message, "detail"), (.singleEvent, "detail"): .message
    case (.invalidation, "keys"), (.invalidation, "prefixes"), (.invalidation, "tags"): .texts
    case (.invalidation, "all"): .scalar
    case (.invalidation, _): .presence
    case (.record, "messageId"), (.record, "body"): .scalar
    case (.record, "Sns"): .notification
    case (.notification, "MessageId"), (.notification, "Message"): .scalar
    case (.record, "dynamodb"): .change
    case (.record, "eventName"), (.record, "eventSourceARN"): .scalar
    case (.change, "SequenceNumber"): .scalar
    case (.change, "Keys"), (.change, "NewImage"), (.change, "OldImage"): .item
    case (.item, _): .attribute
    case (.attribute, "S"), (.attribute, "N"), (.attribute, "B"): .text
    case (.attribute, _): .presence
    case (.everything, _): .everything
    default: nil
    }
  }

  var element: EventShape? {
    switch self {
    case .texts: .scalar
    case .records: .record
    case .everything: .everything
    default: nil
    }
  }
}
