/// The part of a JSON document that is kept when the document is read; the rest is skipped.
///
/// A document may contain anything, and a decoder throws an error for each wrong guess at a value's
/// kind. So the kinds of values that are not read are not guessed.
package protocol JSONShape: Equatable, Sendable {
  /// The shape of a value of which only its presence is kept.
  static var presence: Self { get }

  /// The shape of a string, a number, `true`, `false` or `null`; of an array or an object only the
  /// kind is kept.
  static var scalar: Self { get }

  /// Whether only a string is kept: of anything else its presence is enough.
  var isTextOnly: Bool { get }

  /// Whether an array is read only up to the first element that is not a string.
  var endsAtOtherElement: Bool { get }

  /// Whether any member is read if the value is an object.
  var hasMembers: Bool { get }

  /// The shape of a member, or `nil` if it is skipped.
  func member(_ name: String) -> Self?

  /// The shape of the elements if the value is an array; `nil` if none is read.
  var element: Self? { get }
}

/// Limits on documents.
package enum JSONLimits {
  /// The most arrays and objects inside each other: more than any message needs, and fewer than the
  /// stack can bear.
  package static var depth: Int { 64 }
}
