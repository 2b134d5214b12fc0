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

  /// The size of a value that has such a part, in bytes: more than any memory, so that no limit
  /// admits it, and so far from where sums overflow that half a million of them can be added.
  package static var byteCount: Int { 1 << 44 }

  /// Whether a size in bytes says that some part is unknown.
  package static func stands(for byteCount: Int) -> Bool { byteCount >= Self.byteCount / 2 }

  /// The part that no value of a type can be measured for, unless the type has a `heapByteCount` of
  /// its own; `nil` if there is none.
  ///
  /// Whether it has one cannot be known before a value is measured. What only some values have, as
  /// those of a property of the type `Any`, shows when they are measured.
  package static func foreseeable(in type: Any.Type) -> HeapSizeError? {
    if let sized = type as? any HeapSized.Type, sized.isHeapFree { return nil }
    let record = TypeTable.shared.record(of: TypeMetadata(type))
    guard record.pointee.answer != nil else {
      return HeapPlanner.valuePlan(record)?.pointee.failure
    }
    return HeapPlanner.structurePlan(record).pointee.failure
  }

  /// The part, its type, the reason, and the ways out.
  public var description: String {
    "the heap memory of \(path) of type \(typeName) cannot be known: \(explanation); \(remedy)"
  }

  private var remedy: String {
    let root = path.prefix { $0 != "." }
    let others = "give \(root) a heapByteCount of its own, or pass the size with the value"
    guard case .unmarkedClass = reason else { return others }
    return "write `extension \(typeName): HeapSized {}` if the object belongs to the value, "
      + others
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
