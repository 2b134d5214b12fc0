internal import LambdaCacheText

/// A record of an event from which no invalidation can be read.
public struct InvalidationError: Error, Sendable, Hashable, CustomStringConvertible {
  enum Problem: Sendable, Hashable {
    /// The text is not JSON (RFC 8259), from this UTF-8 byte of it on.
    case notJSON(offset: Int)
    /// More arrays and objects than this are inside each other; the UTF-8 byte of the text where
    /// the first of them begins, or `nil` if it was not read from text.
    case tooDeep(limit: Int, offset: Int?)
    /// There are more envelopes inside each other than this.
    case tooManyEnvelopes(limit: Int)
    case missing(accepted: String)
    case mismatch(found: String, accepted: String)
  }

  /// The number of the record in its event, from 0.
  public let record: Int
  /// The service's name for the record, a message's identifier or a sequence number; `nil` if it
  /// has none.
  public let identifier: String?
  /// The place in the record, such as `body.Message.invalidate.keys[2]`; empty for the record
  /// itself.
  public let path: String
  let problem: Problem

  /// Record, path, what was found there and what is accepted.
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

/// An error in a record whose number is not known yet.
struct InvalidationFault: Error {
  var path: String
  var problem: InvalidationError.Problem

  init(path: String, problem: InvalidationError.Problem) {
    self.path = path
    self.problem = problem
  }

  /// An error about a value that is not what is accepted.
  init(path: String, _ value: JSONValue, accepted: String) {
    self.path = path
    problem =
      value == .tooDeep
      ? .tooDeep(limit: JSONLimits.depth, offset: nil)
      : .mismatch(found: value.kind, accepted: accepted)
  }

  func inRecord(_ record: Int, identifier: String?) -> InvalidationError {
    InvalidationError(record: record, identifier: identifier, path: path, problem: problem)
  }
}
