#if canImport(ObjectiveC)
  import ObjectiveC
#endif

/// A stored property of a struct or a class, or an element of a tuple.
struct StoredField {
  let name: String
  let offset: Int
  let type: Any.Type

  /// Whether a reference keeps its object: `weak` and `unowned` ones do not.
  let isStrong: Bool
}

extension TypeMetadata {
  /// The stored properties, those of superclasses first; `nil` if some of them are not visible.
  ///
  /// Fields that the runtime leaves out, or whose type it does not give, leave holes: the layout
  /// is computed again from what is visible, and has to come out the same.
  func storedFields() -> [StoredField]? {
    var fields: [StoredField] = []
    var end = kind == .class ? 2 &* MemoryLayout<UInt>.size : 0
    for index in 0..<reflectedFieldCount(of: type) {
      var description = FieldDescription()
      let fieldType = reflectedField(of: type, index: index, description: &description)
      defer { description.release?(description.name) }
      let offset = reflectedFieldOffset(of: type, index: index)
      let witnesses = TypeMetadata(fieldType).witnesses
      if witnesses.size > 0 {
        guard offset == (end &+ witnesses.alignmentMask) & ~witnesses.alignmentMask else {
          return nil
        }
        end = offset &+ witnesses.size
      }
      fields.append(
        StoredField(
          name: description.name.map { String(cString: $0) } ?? "\(index)", offset: offset,
          type: fieldType, isStrong: description.isStrong))
    }
    guard kind == .class, let type = type as? AnyClass else {
      return end == witnesses.size ? fields : nil
    }
    // Objective-C rounds the size of an object up to whole words.
    let wordMask = MemoryLayout<UInt>.size &- 1
    return (end &+ wordMask) & ~wordMask == (instanceByteCount(of: type) &+ wordMask) & ~wordMask
      ? fields : nil
  }
}

/// The bytes of an object of a class without what `malloc` adds.
func instanceByteCount(of type: AnyClass) -> Int {
  #if canImport(ObjectiveC)
    return class_getInstanceSize(type)
  #else
    return Int(instanceExtents(of: type).positive)
  #endif
}

// Entry points of the runtime behind `Mirror`, for a type instead of a value. They are exported by
// every standard library since Swift 5.2; `_forEachField`, which calls them, is visible only to
// clients of an SPI that Apple's SDKs leave out.

/// The runtime's data of a field beside its type and offset (`_FieldReflectionMetadata`).
private struct FieldDescription {
  var name: UnsafePointer<CChar>?
  var release: (@convention(c) (UnsafePointer<CChar>?) -> Void)?
  var isStrong = false
  var isVariable = false
}

@_silgen_name("swift_reflectionMirror_recursiveCount")
private func reflectedFieldCount(of type: Any.Type) -> Int

@_silgen_name("swift_reflectionMirror_recursiveChildMetadata")
private func reflectedField(
  of type: Any.Type, index: Int, description: UnsafeMutablePointer<FieldDescription>
) -> Any.Type

@_silgen_name("swift_reflectionMirror_recursiveChildOffset")
private func reflectedFieldOffset(of type: Any.Type, index: Int) -> Int

#if !canImport(ObjectiveC)
  @_silgen_name("_swift_getSwiftClassInstanceExtents")
  private func instanceExtents(of type: AnyClass) -> (negative: UInt, positive: UInt)
#endif
