/// Makes plans by reflection.
///
/// A type that contains itself is planned once: where it is met again while its plan is being made,
/// the record is referred to. A generic type may contain itself with another argument, and that one
/// with another, without end (`indirect enum Nest<T> { case inner(Nest<[T]>) }`). So types are
/// planned ahead only to a depth and a number; those behind that are planned when a value leads to
/// them.
struct HeapPlanner {
  /// The way from the type that is to be measured to the part that is looked at.
  private var path: [String]

  /// The types whose plans are being made.
  private var begun: Set<TypeMetadata> = []

  /// How many types were planned.
  private var plannedCount = 0

  private static var depthLimit: Int { 16 }
  private static var countLimit: Int { 256 }

  private init(path: String) {
    self.path = [path]
  }

  /// The plan for the values of a type that is known to use the default `heapByteCount`.
  static func defaultPlan(_ record: TypeRecord.Reference) -> HeapPlan.Reference {
    record.pointee.valuePlan ?? record.pointee.setValuePlan(structurePlan(record))
  }

  /// The plan for what values of a type consist of, which is not used if their type has an answer
  /// of its own; for a class, that of its objects.
  static func structurePlan(_ record: TypeRecord.Reference) -> HeapPlan.Reference {
    if let plan = record.pointee.structurePlan { return plan }
    let plan = make(record) { planner throws(HeapSizeError) in
      if record.pointee.metadata.kind == .class {
        return try planner.planObject(record.pointee.metadata)
      }
      return try planner.plan(record) { planner, steps throws(HeapSizeError) in
        try planner.planStructure(record.pointee.metadata, at: 0, into: &steps)
      }
    }
    return record.pointee.setStructurePlan(plan.immortal())
  }

  /// The plan for the values of a type; `nil` if values have to be asked.
  static func valuePlan(_ record: TypeRecord.Reference) -> HeapPlan.Reference? {
    if let plan = record.pointee.valuePlan { return plan }
    if record.pointee.answersItself { return nil }
    let plan = make(record) { planner throws(HeapSizeError) in
      try planner.plan(record) { planner, steps throws(HeapSizeError) in
        try planner.planValue(record.pointee.metadata.type, at: 0, into: &steps)
      }
    }
    return record.pointee.setValuePlan(plan.immortal())
  }

  /// The plan for the objects of a class.
  static func objectPlan(_ record: TypeRecord.Reference) -> HeapPlan.Reference {
    if let plan = record.pointee.objectPlan { return plan }
    let plan = make(record) { planner throws(HeapSizeError) in
      try planner.planObject(record.pointee.metadata)
    }
    return record.pointee.setObjectPlan(plan.immortal())
  }

  private static func make(
    _ record: TypeRecord.Reference,
    _ body: (inout HeapPlanner) throws(HeapSizeError) -> HeapPlan
  ) -> HeapPlan {
    var planner = HeapPlanner(path: String(describing: record.pointee.metadata.type))
    do throws(HeapSizeError) {
      return try body(&planner)
    } catch {
      return HeapPlan(steps: [], failure: error)
    }
  }
}

extension HeapPlanner {
  /// Plans the values of a type.
  private mutating func plan(
    _ record: TypeRecord.Reference,
    _ body: (inout HeapPlanner, inout [HeapStep]) throws(HeapSizeError) -> Void
  ) throws(HeapSizeError) -> HeapPlan {
    let type = record.pointee.metadata
    begun.insert(type)
    defer { begun.remove(type) }
    var steps: [HeapStep] = []
    try body(&self, &steps)
    return HeapPlan(steps: steps)
  }

  /// The record of a type that is measured apart from where it is met: of elements and boxes.
  ///
  /// Other types may contain it too, so its plan names parts from the type itself.
  private mutating func record(of type: Any.Type) throws(HeapSizeError) -> TypeRecord.Reference {
    let metadata = TypeMetadata(type)
    let record = TypeTable.shared.record(of: metadata)
    if record.pointee.answersItself || begun.contains(metadata) { return record }
    if let plan = record.pointee.valuePlan {
      if let failure = plan.pointee.failure { throw rooted(failure, record) }
      return record
    }
    guard begun.count < Self.depthLimit, plannedCount < Self.countLimit else { return record }
    plannedCount += 1
    let outer = path
    path = [String(describing: type)]
    defer { path = outer }
    do throws(HeapSizeError) {
      let plan = try plan(record) { planner, steps throws(HeapSizeError) in
        try planner.planValue(type, at: 0, into: &steps)
      }
      _ = record.pointee.setValuePlan(plan.immortal())
    } catch {
      path = outer
      throw rooted(error, record)
    }
    return record
  }

  private mutating func layout(of type: Any.Type) throws(HeapSizeError) -> ElementLayout {
    ElementLayout(try record(of: type), partName)
  }

  private func failure(_ type: Any.Type, _ reason: HeapSizeError.Reason) -> HeapSizeError {
    HeapSizeError(
      path: path.joined(separator: "."), typeName: String(describing: type), reason: reason)
  }

  /// The earlier result for a type, with its path from here.
  ///
  /// A type that conforms stands for itself: it is the one that lacks an answer.
  private func rooted(_ failure: HeapSizeError, _ record: TypeRecord.Reference) -> HeapSizeError {
    guard record.pointee.answer == nil else { return failure }
    return failure.rooted(
      at: path.joined(separator: "."), insteadOf: record.pointee.metadata.type)
  }

  private var partName: PartName { PartName(path.joined(separator: ".")) }

  /// Looks at a part.
  private mutating func descend(
    _ name: String, _ body: (inout HeapPlanner) throws(HeapSizeError) -> Void
  ) throws(HeapSizeError) {
    path.append(name)
    defer { path.removeLast() }
    try body(&self)
  }
}

extension HeapPlanner {
  /// Plans a value of a type as it is met in another.
  private mutating func planValue(
    _ type: Any.Type, at offset: Int, into steps: inout [HeapStep]
  ) throws(HeapSizeError) {
    let metadata = TypeMetadata(type)
    if type == String.self {
      steps.append(.string(offset: offset))
    } else if metadata.kind == .class {
      try planReference(type, at: offset, into: &steps)
    } else if let sized = type as? any HeapSized.Type, sized.isHeapFree {
      return
    } else {
      let record = TypeTable.shared.record(of: metadata)
      if record.pointee.answersItself {
        steps.append(.answer(offset: offset, record))
      } else if record.pointee.answer != nil, let plan = record.pointee.valuePlan {
        if let failure = plan.pointee.failure { throw rooted(failure, record) }
        steps += plan.pointee.steps.map { $0.moved(by: offset) }
      } else {
        try planStructure(metadata, at: offset, into: &steps)
      }
    }
  }

  private mutating func planReference(
    _ type: Any.Type, at offset: Int, into steps: inout [HeapStep]
  ) throws(HeapSizeError) {
    guard type is any HeapSized.Type else { throw failure(type, .unmarkedClass) }
    steps.append(.object(offset: offset, partName))
  }

  /// Plans a value by what it consists of.
  private mutating func planStructure(
    _ metadata: TypeMetadata, at offset: Int, into steps: inout [HeapStep]
  ) throws(HeapSizeError) {
    let type = metadata.type
    if type is any UnknownContents.Type { throw failure(type, .unsafePointer) }
    if let collection = type as? any PlannedCollection.Type {
      try plan(collection.storage, at: offset, into: &steps)
      return
    }
    switch metadata.kind {
    case .structure, .tuple: try planFields(metadata, at: offset, into: &steps)
    case .enumeration: try planCases(metadata, at: offset, into: &steps)
    case .optional: try planOptional(metadata, at: offset, into: &steps)
    case .class: try planReference(type, at: offset, into: &steps)
    case .existential:
      switch metadata.existential {
      case .value: steps.append(.existential(offset: offset, partName))
      case .object: steps.append(.object(offset: offset, partName))
      case .error: steps.append(.error(offset: offset, partName))
      }
    case .function:
      guard metadata.isBareFunction else { throw failure(type, .closure) }
    case .metatype: return
    case .fixedArray:
      let array = metadata.fixedArray
      let layout = try layout(of: array.element)
      guard !layout.record.pointee.isHeapFree else { return }
      steps.append(.repeated(offset: offset, count: array.count, layout))
    case .foreignClass: throw failure(type, .unmarkedClass)
    case .constrainedExistential:
      switch metadata.constrainedExistential {
      case .value: steps.append(.existential(offset: offset, partName))
      case .object: steps.append(.object(offset: offset, partName))
      case .metatype: return
      case nil: throw failure(type, .constrainedExistential)
      }
    case .builtin:
      throw failure(
        type, String(describing: type) == "Builtin.RawPointer" ? .unsafePointer : .hiddenLayout)
    case .unknown: throw failure(type, .hiddenLayout)
    }
  }

  private mutating func plan(
    _ storage: CollectionStorage, at offset: Int, into steps: inout [HeapStep]
  ) throws(HeapSizeError) {
    switch storage {
    case .array(let element):
      steps.append(.array(offset: offset, try layout(of: element)))
    case .arraySlice(let element):
      steps.append(.arraySlice(offset: offset, try layout(of: element)))
    case .set(let element):
      steps.append(.set(offset: offset, try layout(of: element)))
    case .dictionary(let key, let value):
      let keys = try layout(of: key)
      steps.append(.dictionary(offset: offset, keys, values: try layout(of: value)))
    }
  }

  private mutating func planFields(
    _ metadata: TypeMetadata, at offset: Int, into steps: inout [HeapStep]
  ) throws(HeapSizeError) {
    guard let fields = metadata.storedFields() else {
      throw failure(metadata.type, .hiddenLayout)
    }
    for field in fields where field.isStrong {
      if TypeMetadata(field.type).kind == .builtin {
        // A builtin type says nothing to the caller; the type that wraps it does.
        let isPointer = String(describing: field.type) == "Builtin.RawPointer"
        throw failure(metadata.type, isPointer ? .unsafePointer : .hiddenLayout)
      }
      try descend(field.name) { planner throws(HeapSizeError) in
        try planner.planValue(field.type, at: offset + field.offset, into: &steps)
      }
    }
  }

  /// Plans the stored properties of an object, from the start of the object.
  private mutating func planObject(_ metadata: TypeMetadata) throws(HeapSizeError) -> HeapPlan {
    guard let type = metadata.type as? AnyClass else {
      throw failure(metadata.type, .hiddenLayout)
    }
    if type is any UnknownContents.Type { throw failure(type, .tailAllocation) }
    var steps: [HeapStep] = []
    try planFields(metadata, at: 0, into: &steps)
    return HeapPlan(
      steps: steps,
      objectByteCount: Allocator.allocationByteCount(forRequest: instanceByteCount(of: type)))
  }
}

extension HeapPlanner {
  private mutating func planOptional(
    _ metadata: TypeMetadata, at offset: Int, into steps: inout [HeapStep]
  ) throws(HeapSizeError) {
    var wrapped: [HeapStep] = []
    try planValue(metadata.wrapped, at: 0, into: &wrapped)
    if wrapped.isEmpty { return }
    if wrapped.count == 1, let step = wrapped[0].optional {
      steps.append(step.moved(by: offset))
      return
    }
    let payload = EnumPlan.Payload.inline(HeapPlan(steps: wrapped).immortal())
    append(EnumPlan(metadata, payloads: [payload]), at: offset, into: &steps)
  }

  private mutating func planCases(
    _ metadata: TypeMetadata, at offset: Int, into steps: inout [HeapStep]
  ) throws(HeapSizeError) {
    guard let cases = metadata.payloadCases() else {
      throw failure(metadata.type, .hiddenLayout)
    }
    var payloads: [EnumPlan.Payload] = []
    for payload in cases {
      try descend(payload.name) { planner throws(HeapSizeError) in
        if payload.isIndirect {
          payloads.append(.indirect(try planner.record(of: payload.type), planner.partName))
          return
        }
        var inner: [HeapStep] = []
        try planner.planValue(payload.type, at: 0, into: &inner)
        payloads.append(inner.isEmpty ? .heapFree : .inline(HeapPlan(steps: inner).immortal()))
      }
    }
    let isHeapFree = payloads.allSatisfy {
      if case .heapFree = $0 { true } else { false }
    }
    if !isHeapFree { append(EnumPlan(metadata, payloads: payloads), at: offset, into: &steps) }
  }

  private func append(_ plan: EnumPlan, at offset: Int, into steps: inout [HeapStep]) {
    let memory = UnsafeMutablePointer<EnumPlan>.allocate(capacity: 1)
    memory.initialize(to: plan)
    steps.append(.enumeration(offset: offset, UnsafePointer(memory)))
  }
}

extension EnumPlan {
  fileprivate init(_ metadata: TypeMetadata, payloads: [Payload]) {
    self.metadata = metadata
    witnesses = metadata.witnesses
    projectedByteCount = payloads.count > 1 ? witnesses.size : 0
    cases = payloads
  }
}
