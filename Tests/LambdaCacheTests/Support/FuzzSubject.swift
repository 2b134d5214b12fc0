import TestSupport

/// Something that is driven by random operations and compared with a naive model after each.
///
/// Operations are plain values that mean something in any state, so that a history can be replayed
/// with operations left out.
protocol FuzzSubject: AnyObject {
  associatedtype Configuration
  associatedtype Operation

  static func configuration(using random: inout SplitMix64) -> Configuration
  static func operation(in configuration: Configuration, using random: inout SplitMix64)
    -> Operation

  init(_ configuration: Configuration)

  /// Performs an operation on the subject and its model.
  ///
  /// - Returns: What is wrong with its result.
  func perform(_ operation: Operation) -> [String]

  /// Compares all of the subject with all of its model, and recomputes every invariant.
  ///
  /// - Returns: What is wrong.
  func audit() -> [String]

  /// The number of things that an audit looks at.
  var size: Int { get }

  /// Counts of events, so that a test can assert that its histories came to the rare places.
  var coverage: [String: Int] { get }
}

extension FuzzSubject {
  func audit() -> [String] { [] }
  var size: Int { 0 }
}
