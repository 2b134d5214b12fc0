/// Types of the standard library that measure themselves by their plan: what they keep on the
/// heap is known, whatever their elements are.
protocol ReflectedType {}

/// A collection that keeps its elements in a buffer whose layout is known.
protocol PlannedCollection: ReflectedType {
  static var storage: CollectionStorage { get }
}

enum CollectionStorage {
  case array(Any.Type)
  case arraySlice(Any.Type)
  case set(Any.Type)
  case dictionary(key: Any.Type, value: Any.Type)
}

extension Array: PlannedCollection {
  static var storage: CollectionStorage { .array(Element.self) }
}

extension ContiguousArray: PlannedCollection {
  static var storage: CollectionStorage { .array(Element.self) }
}

extension ArraySlice: PlannedCollection {
  static var storage: CollectionStorage { .arraySlice(Element.self) }
}

extension Set: PlannedCollection {
  static var storage: CollectionStorage { .set(Element.self) }
}

extension Dictionary: PlannedCollection {
  static var storage: CollectionStorage { .dictionary(key: Key.self, value: Value.self) }
}

extension String: ReflectedType {}
extension Optional: ReflectedType {}
extension Result: ReflectedType {}
extension CollectionOfOne: ReflectedType {}
extension Range: ReflectedType {}
extension ClosedRange: ReflectedType {}
extension PartialRangeFrom: ReflectedType {}
extension PartialRangeUpTo: ReflectedType {}
extension PartialRangeThrough: ReflectedType {}
extension Character: ReflectedType {}
extension Substring: ReflectedType {}

@available(macOS 26, iOS 26, tvOS 26, watchOS 26, visionOS 26, *)
extension InlineArray: ReflectedType {}

/// Types that own memory, or may, of which their stored properties say nothing.
protocol UnknownContents {}

extension Unmanaged: UnknownContents {}
extension ManagedBuffer: UnknownContents {}
