/// A part of a value whose memory cannot be known.
///
/// It names the part by its path from the type that was to be measured. The owner of that type
/// declares a `heapByteCount` of its own for the part, or passes the size with the value.
public struct HeapSizeError: Error, Hashable, CustomStringConvertible {
  /// Why the memory of a part cannot be known.
  package enum Reason: Hashable, Sendable {
    /// The captures of a closure are not visible from outside.
    case closure

    /// An unsafe pointer does not say whether it owns what it points to, nor how much that is.
    case unsafePointer

    /// An object of a class that does not conform to ``HeapSized`` may be shared with anybody.
    case unmarkedClass

    /// An object keeps elements behind its stored properties, as `ManagedBuffer` does.
    case tailAllocation

    /// An existential with constraints that keeps its value neither in itself or a box nor as an
    /// object, as `any Sequence<Int>` does, has no documented layout.
    case constrainedExistential

    /// Some stored properties are not visible: a noncopyable one, an actor's own, those of a type
    /// from another language, or of one compiled without reflection metadata.
    case hiddenLayout

    /// A collection stores its elements in an object of Objective-C.
    case bridged
  }

  /// The part, named from the type that was to be measured, as in `Profile.session.onChange`.
  package let path: String

  /// The type of the part.
  package let typeName: String

  /// Why its memory cannot be known.
  package let reason: Reason

  /// The part, its type, the reason, and what helps.
  public var description: String {
    let root = path.prefix { $0 != "." }
    return "the heap memory of \(path) of type \(typeName) cannot be known: \(explanation); "
      + "give \(root) a heapByteCount of its own, or pass the size with the value"
  }

  /// The same failure for a value that contains one of a type that was measured apart; unless the
  /// failure stands for a type within that one.
  func rooted(at path: String, insteadOf type: Any.Type) -> HeapSizeError {
    let root = String(describing: type)
    guard self.path == root || self.path.hasPrefix(root + ".") else { return self }
    return HeapSizeError(
      path: path + self.path.dropFirst(root.count), typeName: typeName, reason: reason)
  }

  private var explanation: String {
    switch reason {
    case .closure: "what a closure captures is not visible"
    case .unsafePointer: "an unsafe pointer does not say what it owns"
    case .unmarkedClass: "the class does not conform to HeapSized"
    case .tailAllocation: "the object keeps elements behind its stored properties"
    case .constrainedExistential: "this constrained existential has no documented layout"
    case .hiddenLayout: "not all of its stored properties are visible to reflection"
    case .bridged: "it is bridged from Objective-C"
    }
  }
}
