/// The kinds of the values that were read, by which the kinds of the next ones are guessed.
///
/// A decoder throws if a value is not of a kind. Its error contains the path to the value, which
/// takes the square of the path's length: deep in an event a wrong guess costs a hundred times as
/// much as reading. Records are alike, so a value is guessed to be of the kind that was last in its
/// place: under the same name, or in an array behind an element of the same kind, at its depth.
struct EventValueGuesses {
  private struct Member: Hashable {
    let name: String
    let depth: Int
  }

  private enum Neighbour: Hashable {
    case none
    case null
    case some(EventValue.Kind)
  }

  private struct Element: Hashable {
    let neighbour: Neighbour
    let depth: Int
  }

  /// The kinds of the members of a request context that are not strings, so that the first event
  /// needs no wrong guess either.
  private static let usualKinds: [String: EventValue.Kind] = [
    "authentication": .object, "authorizer": .object, "claims": .object, "elb": .object,
    "http": .object, "identity": .object, "jwt": .object, "lambda": .object,
    "requestTimeEpoch": .number, "timeEpoch": .number,
  ]

  /// The most names that are kept.
  static let nameLimit = 256

  private var members: [Member: EventValue.Kind] = [:]
  /// The last kind of a member at each depth, for names that were not read there before.
  private var lastMembers: [Int: EventValue.Kind] = [:]
  private var elements: [Element: EventValue.Kind] = [:]

  /// The kind that a member of an object is guessed to be.
  ///
  /// - Parameters:
  ///   - name: The member's name.
  ///   - depth: How deep the object is.
  func kind(of name: String, depth: Int) -> EventValue.Kind {
    members[Member(name: name, depth: depth)] ?? Self.usualKinds[name] ?? lastMembers[depth]
      ?? .string
  }

  /// Notes the kind of a member of an object.
  mutating func note(_ value: EventValue, of name: String, depth: Int) {
    guard let kind = value.kind else { return }
    if Self.usualKinds[name] != kind { lastMembers[depth] = kind }
    let member = Member(name: name, depth: depth)
    if members.count < Self.nameLimit || members[member] != nil { members[member] = kind }
  }

  /// The kind that an element of an array is guessed to be; that of its neighbour, if nothing is
  /// known of its place.
  ///
  /// - Parameters:
  ///   - previous: The element before it; `nil` if it is the first.
  ///   - depth: How deep the array is.
  func kind(after previous: EventValue?, depth: Int) -> EventValue.Kind {
    elements[Self.element(after: previous, depth)] ?? previous?.kind ?? .string
  }

  /// Notes the kind of an element of an array.
  mutating func note(_ value: EventValue, after previous: EventValue?, depth: Int) {
    guard let kind = value.kind else { return }
    elements[Self.element(after: previous, depth)] = kind
  }

  private static func element(after previous: EventValue?, _ depth: Int) -> Element {
    let neighbour = previous.map { value in value.kind.map(Neighbour.some) ?? .null } ?? .none
    return Element(neighbour: neighbour, depth: depth)
  }
}
