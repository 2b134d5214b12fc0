/// A record of an event from which no invalidation can be read.
public struct InvalidationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was wrong at a place.
  public enum Problem: Sendable, Hashable {
    /// The text is not JSON (RFC 8259), from this UTF-8 byte of it on.
    case notJSON(offset: Int)
    /// Arrays and objects are in each other more than this deep; the UTF-8 byte of the text where
    /// the first of them begins, or `nil` if it was not read from text.
    case tooDeep(limit: Int, offset: Int?)
    /// There are more envelopes with a text in each other than this.
    case tooManyEnvelopes(limit: Int)
    /// There is nothing where something must be; what is accepted there.
    case missing(accepted: String)
    /// There is something else; what it is, and what is accepted.
    case mismatch(found: String, accepted: String)
  }

  /// The number of the record in its event, from 0.
  public let record: Int
  /// What the service calls the record: a message's identifier or a sequence number; `nil` if the
  /// record does not say.
  public let identifier: String?
  /// Where in the record, such as `body.Message.invalidate.keys[2]`; empty for the record itself.
  public let path: String
  /// What was wrong there.
  public let problem: Problem

  /// Record, path, what was found and what is accepted.
  public var description: String {
    let name = identifier.map { "record \(record) (\($0))" } ?? "record \(record)"
    let place = path.isEmpty ? name : "\(path) of \(name)"
    return switch problem {
    case .notJSON(let offset): "\(place) is not JSON at byte \(offset); accepted: an object"
    case .tooDeep(let limit, let offset):
      "\(place) is more than \(limit) arrays and objects deep"
        + "\(offset.map { " at byte \($0)" } ?? ""); accepted: at most \(limit)"
    case .tooManyEnvelopes(let limit):
      "\(place) is in more than \(limit) notifications; accepted: at most \(limit)"
    case .missing(let accepted): "\(place) is missing; accepted: \(accepted)"
    case .mismatch(let found, let accepted): "\(place) is \(found); accepted: \(accepted)"
    }
  }
}

/// What is wrong within one record, before it is known which one that is.
struct InvalidationFault: Error {
  var path: String
  var problem: InvalidationError.Problem

  init(path: String, problem: InvalidationError.Problem) {
    self.path = path
    self.problem = problem
  }

  /// A value in the place of what is accepted.
  init(path: String, _ value: JSONValue, accepted: String) {
    self.path = path
    problem =
      value == .tooDeep
      ? .tooDeep(limit: JSONPart.deepest, offset: nil)
      : .mismatch(found: value.kind, accepted: accepted)
  }

  func inRecord(_ record: Int, identifier: String?) -> InvalidationError {
    InvalidationError(record: record, identifier: identifier, path: path, problem: problem)
  }
}
