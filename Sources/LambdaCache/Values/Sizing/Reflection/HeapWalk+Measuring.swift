extension HeapWalk {
  /// The bytes that a value of a type owns that uses the default `heapByteCount`.
  static func byteCount(ofDefaultAt value: UnsafeRawPointer, type: Any.Type) -> Int {
    let record = TypeTable.shared.record(of: TypeMetadata(type))
    if record.pointee.metadata.kind == .class {
      return joining { walk in
        drained(walk) { byteCount(ofDefaultObjectIn: value, walk) }
      }
    }
    let plan = record.pointee.valuePlan ?? HeapPlanner.defaultPlan(record)
    if !plan.pointee.isShared {
      // A plan that leads to no object and to no code of the caller's does not use the walk.
      return sized { byteCount(plan.pointee.steps, at: value, $0) }
    }
    return joining { walk in
      drained(walk) { byteCount(plan, at: value, walk) }
    }
  }

  /// The bytes of what was found, and of all that was put off meanwhile.
  private static func drained(_ walk: Reference, _ body: () -> Int) -> Int {
    let mark = walk.pointee.pending.count
    let depth = walk.pointee.depth
    let place = walk.pointee.place
    walk.pointee.place = nil
    var byteCount = body()
    walk.pointee.depth = 0
    while walk.pointee.pending.count > mark {
      let next = walk.pointee.pending.removeLast()
      byteCount &+= Self.byteCount(next.plan, at: next.contents, walk)
    }
    walk.pointee.depth = depth
    walk.pointee.place = place
    return byteCount
  }

  private static func byteCount(
    _ plan: HeapPlan.Reference, at value: UnsafeRawPointer, _ walk: Reference
  ) -> Int {
    if let failure = plan.pointee.failure {
      walk.pointee.fail(failure)
      return 0
    }
    return byteCount(plan.pointee.steps, at: value, walk)
  }

  /// The bytes that a value owns by the list of its parts.
  private static func byteCount(
    _ steps: UnsafeBufferPointer<HeapStep>, at value: UnsafeRawPointer, _ walk: Reference
  ) -> Int {
    var byteCount = 0
    for step in steps {
      switch step {
      case .string(let offset):
        byteCount &+=
          value.advanced(by: offset)
          .assumingMemoryBound(to: String.self).pointee.heapByteCount
      case .optionalString(let offset):
        byteCount &+=
          value.advanced(by: offset)
          .assumingMemoryBound(to: String?.self).pointee?.heapByteCount ?? 0
      case .array(let offset, let layout):
        byteCount &+= Self.byteCount(ofArrayAt: value.reference(at: offset), layout, walk)
      case .arraySlice(let offset, let layout):
        byteCount &+= Self.byteCount(ofArraySliceAt: value + offset, layout, walk)
      case .dictionary(let offset, let keys, let values):
        byteCount &+= Self.byteCount(
          ofTableAt: value.reference(at: offset), keys, values: values, walk)
      case .set(let offset, let layout):
        byteCount &+= Self.byteCount(
          ofTableAt: value.reference(at: offset), layout, values: nil, walk)
      case .object(let offset, let name):
        byteCount &+= Self.byteCount(ofObjectIn: value + offset, name, walk)
      case .answer(let offset, let record):
        byteCount &+= looking(into: record, at: nil, walk) {
          Self.byteCount(at: value + offset, record, walk)
        }
      case .enumeration(let offset, let plan):
        byteCount &+= Self.byteCount(ofEnumAt: value + offset, plan, walk)
      case .repeated(let offset, let count, let layout):
        byteCount &+= looking(into: layout.record, at: layout.name, walk) {
          Self.byteCount(ofElementsAt: value + offset, count: count, layout, walk)
        }
      case .existential(let offset, let name):
        byteCount &+= Self.byteCount(ofExistentialAt: value + offset, name, walk)
      case .error(let offset, let name):
        byteCount &+= Self.byteCount(ofErrorIn: value + offset, name, walk)
      }
    }
    return byteCount
  }

  /// Measures values of a type that has a record of its own.
  ///
  /// - Parameter name: Where they are; `nil` if their type conforms.
  static func looking(
    into record: TypeRecord.Reference, at name: PartName?, _ walk: Reference,
    _ body: () -> Int
  ) -> Int {
    let outer = walk.pointee.place
    defer { walk.pointee.place = outer }
    guard let name, record.pointee.answer == nil else {
      walk.pointee.place = nil
      return body()
    }
    let place = Place(name: name, type: record.pointee.metadata.type, outer: outer)
    return withUnsafePointer(to: place) {
      walk.pointee.place = $0
      return body()
    }
  }

  /// The bytes that a value owns whose type has a record of its own.
  private static func byteCount(
    at value: UnsafeRawPointer, _ record: TypeRecord.Reference, _ walk: Reference
  ) -> Int {
    guard let plan = record.pointee.valuePlan ?? HeapPlanner.valuePlan(record) else {
      return record.pointee.answer?(value) ?? 0
    }
    return byteCount(plan, at: value, walk)
  }

  /// The bytes that values own that lie one after the other.
  static func byteCount(
    ofElementsAt base: UnsafeRawPointer, count: Int, _ layout: ElementLayout, _ walk: Reference
  ) -> Int {
    var byteCount = 0
    var element = base
    for _ in 0..<count {
      if let plan = layout.record.pointee.valuePlan {
        // It may be known only since the first elements were asked.
        if plan.pointee.steps.isEmpty, plan.pointee.failure == nil { return byteCount }
        byteCount &+= Self.byteCount(plan, at: element, walk)
      } else {
        byteCount &+= Self.byteCount(at: element, layout.record, walk)
      }
      element += layout.stride
    }
    return byteCount
  }
}

extension HeapWalk {
  /// The bytes of an object that a stored reference leads to, and of what it owns.
  private static func byteCount(
    ofObjectIn reference: UnsafeRawPointer, _ name: PartName, _ walk: Reference
  ) -> Int {
    guard let object = reference.reference(at: 0), walk.pointee.met.insert(object) else {
      return 0
    }
    let record = TypeTable.shared.record(of: TypeMetadata(ofObjectAt: object))
    if let plan = record.pointee.objectPlan {
      return byteCount(ofObjectAt: object, plan, walk)
    }
    guard let answer = record.pointee.answer else {
      walk.pointee.fail(
        HeapSizeError(
          path: name.path, typeName: String(describing: record.pointee.metadata.type),
          reason: .unmarkedClass))
      return 0
    }
    let outer = walk.pointee.asked
    walk.pointee.asked = object
    defer { walk.pointee.asked = outer }
    return answer(reference) &+ byteCount(ofSideTableOf: object, walk)
  }

  /// The bytes of the table that the runtime keeps beside an object that something refers to
  /// weakly.
  private static func byteCount(
    ofSideTableOf object: UnsafeRawPointer, _ walk: Reference
  ) -> Int {
    // An object that uses the default, and was asked for its answer first, has it counted once.
    guard let table = ObjectHeader(at: object).sideTable, walk.pointee.met.insert(table) else {
      return 0
    }
    return ObjectHeader.sideTableByteCount
  }

  /// The bytes of an object that uses the default, and of what it owns.
  private static func byteCount(
    ofDefaultObjectIn reference: UnsafeRawPointer, _ walk: Reference
  ) -> Int {
    guard let object = reference.reference(at: 0) else { return 0 }
    if walk.pointee.asked == object {
      walk.pointee.asked = nil
    } else if !walk.pointee.met.insert(object) {
      return 0
    }
    let record = TypeTable.shared.record(of: TypeMetadata(ofObjectAt: object))
    let plan = record.pointee.objectPlan ?? HeapPlanner.objectPlan(record)
    return byteCount(ofObjectAt: object, plan, walk)
  }

  private static func byteCount(
    ofObjectAt object: UnsafeRawPointer, _ plan: HeapPlan.Reference, _ walk: Reference
  ) -> Int {
    let outer = walk.pointee.place
    walk.pointee.place = nil
    defer { walk.pointee.place = outer }
    let own = ObjectHeader(at: object).isImmortal ? 0 : plan.pointee.objectByteCount
    return own &+ byteCount(ofSideTableOf: object, walk)
      &+ byteCount(ofBoxContentsAt: object, plan, walk)
  }

  /// The bytes that the contents of an object or a box own, or 0 if they are put off.
  private static func byteCount(
    ofBoxContentsAt contents: UnsafeRawPointer, _ plan: HeapPlan.Reference, _ walk: Reference
  ) -> Int {
    guard walk.pointee.depth < depthLimit else {
      walk.pointee.pending.append((contents, plan))
      return 0
    }
    walk.pointee.depth += 1
    defer { walk.pointee.depth -= 1 }
    return byteCount(plan, at: contents, walk)
  }

  /// The bytes of the box behind an indirect case, and of what is in it.
  private static func byteCount(
    ofBoxAt box: UnsafeRawPointer?, _ record: TypeRecord.Reference, _ name: PartName,
    _ walk: Reference
  ) -> Int {
    guard let box, walk.pointee.met.insert(box) else { return 0 }
    let witnesses = record.pointee.metadata.witnesses
    let byteCount = Allocator.allocationByteCount(
      forRequest: witnesses.boxOffset &+ witnesses.size)
    let contents = box + witnesses.boxOffset
    return byteCount
      &+ looking(into: record, at: name, walk) {
        if let plan = record.pointee.valuePlan {
          return Self.byteCount(ofBoxContentsAt: contents, plan, walk)
        }
        return Self.byteCount(at: contents, record, walk)
      }
  }

  private static func byteCount(
    ofEnumAt value: UnsafeRawPointer, _ plan: UnsafePointer<EnumPlan>, _ walk: Reference
  ) -> Int {
    let index = plan.pointee.witnesses.caseIndex(of: value, plan.pointee.metadata)
    guard index < plan.pointee.cases.count else { return 0 }
    let payload = plan.pointee.cases[index]
    if case .heapFree = payload { return 0 }
    let size = plan.pointee.projectedByteCount
    if size == 0 { return byteCount(of: payload, at: value, walk) }
    // The number of the case may be in spare bits of the payload. They are cleared in a copy,
    // which is only looked at: nothing is retained for it or released with it.
    return withUnsafeTemporaryAllocation(byteCount: size, alignment: 16) { copy in
      copy.copyMemory(from: UnsafeRawBufferPointer(start: value, count: size))
      guard let start = copy.baseAddress else { return 0 }
      plan.pointee.witnesses.projectPayload(of: start, plan.pointee.metadata)
      return byteCount(of: payload, at: start, walk)
    }
  }

  private static func byteCount(
    of payload: EnumPlan.Payload, at value: UnsafeRawPointer, _ walk: Reference
  ) -> Int {
    switch payload {
    case .heapFree: 0
    case .inline(let plan): byteCount(plan.pointee.steps, at: value, walk)
    case .indirect(let record, let name):
      byteCount(ofBoxAt: value.reference(at: 0), record, name, walk)
    }
  }
}

extension HeapWalk {
  /// The bytes of what an existential holds: three words for the value or for the address of its
  /// box, then the type.
  private static func byteCount(
    ofExistentialAt container: UnsafeRawPointer, _ name: PartName, _ walk: Reference
  ) -> Int {
    guard let type = container.reference(at: 3 &* MemoryLayout<UInt>.size) else { return 0 }
    let record = TypeTable.shared.record(of: TypeMetadata(at: type))
    let witnesses = record.pointee.metadata.witnesses
    if witnesses.isStoredInline {
      if record.pointee.isHeapFree { return 0 }
      return looking(into: record, at: name, walk) { byteCount(at: container, record, walk) }
    }
    guard let box = container.reference(at: 0) else { return 0 }
    return Allocator.allocationByteCount(forRequest: witnesses.boxOffset &+ witnesses.size)
      &+ looking(into: record, at: name, walk) {
        byteCount(at: box + witnesses.boxOffset, record, walk)
      }
  }

  /// The bytes of an error's object and of what the error in it owns.
  private static func byteCount(
    ofErrorIn reference: UnsafeRawPointer, _ name: PartName, _ walk: Reference
  ) -> Int {
    guard let object = reference.reference(at: 0), walk.pointee.met.insert(object) else {
      return 0
    }
    return byteCount(
      of: reference.assumingMemoryBound(to: (any Error).self).pointee, name, walk)
  }

  private static func byteCount<Failure: Error>(
    of error: Failure, _ name: PartName, _ walk: Reference
  ) -> Int {
    let record = TypeTable.shared.record(of: TypeMetadata(Failure.self))
    let witnesses = record.pointee.metadata.witnesses
    let offset = (errorHeaderByteCount &+ witnesses.alignmentMask) & ~witnesses.alignmentMask
    return withUnsafePointer(to: error) { value in
      Allocator.allocationByteCount(forRequest: offset &+ witnesses.size)
        &+ looking(into: record, at: name, walk) { byteCount(at: value, record, walk) }
    }
  }

  /// The bytes before the error in its object (`SwiftError.h`): on Linux object header, type and
  /// witness table, on Apple's platforms the bytes of an `NSError` and four words.
  private static var errorHeaderByteCount: Int {
    #if canImport(ObjectiveC)
      9 &* MemoryLayout<UInt>.size
    #else
      4 &* MemoryLayout<UInt>.size
    #endif
  }
}

extension TypeMetadata {
  /// The class of an object.
  fileprivate init(ofObjectAt object: UnsafeRawPointer) {
    self.init(
      Unmanaged<AnyObject>.fromOpaque(object)._withUnsafeGuaranteedRef { Swift.type(of: $0) })
  }
}

extension UnsafeRawPointer {
  /// The pointer stored at an offset; `nil` if it is no valid one, as in an optional that is `nil`.
  func reference(at offset: Int) -> UnsafeRawPointer? {
    let address = load(fromByteOffset: offset, as: UInt.self)
    return address < 4096 ? nil : UnsafeRawPointer(bitPattern: address)
  }
}
