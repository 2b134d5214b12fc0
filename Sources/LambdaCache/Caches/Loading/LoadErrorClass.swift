/// The class of a load's error: whether to ask again, and when.
public enum LoadErrorClass: Sendable, Hashable, CaseIterable {
  /// There is no such value: an answer like any other, and true until something is written.
  case notFound

  /// The source is there and wants to be asked less often.
  case throttled

  /// The source could not be asked, or not now; the same question may work later.
  case transient

  /// The source answered that this may not be read.
  case refused

  /// Asking again is of no use: a mistake in the program or in what it was given.
  case fatal

  /// Whether an expired value may be served instead of the error.
  ///
  /// Not after ``notFound`` and ``refused``, which are answers about the present, nor after
  /// ``fatal``.
  @inlinable package var mayServeStale: Bool { self == .throttled || self == .transient }

  /// Whether it is an answer about the key, and not about the source.
  var saysOfKey: Bool { self == .notFound || self == .refused }
}

/// An error that knows its ``LoadErrorClass``.
///
/// ```swift
/// enum DatabaseError: Error { case noSuchRow, timeout }
///
/// extension DatabaseError: ClassifiedError {
///   var loadErrorClass: LoadErrorClass { self == .noSuchRow ? .notFound : .transient }
/// }
/// ```
///
/// Other errors count as ``LoadErrorClass/transient``, unless ``LoadPolicy/classify`` says
/// something else.
public protocol ClassifiedError: Error {
  /// Whether to ask again after the error, and when.
  var loadErrorClass: LoadErrorClass { get }

  /// When the source wants to be asked again, as `Retry-After` of HTTP says; `nil` if it does not
  /// say.
  var retryAfter: Duration? { get }
}

extension ClassifiedError {
  /// `nil`: the cache's ``LoadPolicy`` decides.
  public var retryAfter: Duration? { nil }
}
