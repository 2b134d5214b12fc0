/// Where the memory of a type's values is: what reflection found out once, as a list of reads.
///
/// Plans are made when a type is first measured and live as long as the process.
struct HeapPlan {
  typealias Reference = UnsafePointer<HeapPlan>

  /// The parts that may own memory, with their offsets; a plan without steps is a heap-free type.
  let steps: UnsafeBufferPointer<HeapStep>

  /// For the plan of an object the bytes of the object itself, as the allocator rounds them.
  let objectByteCount: Int

  /// Whether measuring may meet objects or code of the caller's, so that it needs a shared
  /// ``HeapWalk``.
  let isShared: Bool

  /// Why there is no plan.
  let failure: HeapSizeError?

  init(steps: [HeapStep], objectByteCount: Int = 0, failure: HeapSizeError? = nil) {
    let memory = UnsafeMutableBufferPointer<HeapStep>.allocate(capacity: steps.count)
    _ = memory.initialize(fromContentsOf: steps)
    self.steps = UnsafeBufferPointer(memory)
    self.objectByteCount = objectByteCount
    self.failure = failure
    isShared = failure != nil || steps.contains { $0.isShared }
  }

  /// Puts the plan where it stays.
  func immortal() -> Reference {
    let memory = UnsafeMutablePointer<HeapPlan>.allocate(capacity: 1)
    memory.initialize(to: self)
    return Reference(memory)
  }
}

/// A part of a value that may own memory.
///
/// All that it refers to lives as long as the process, so that no reference is counted.
enum HeapStep: BitwiseCopyable {
  case string(offset: Int)
  case optionalString(offset: Int)

  /// An `Array` or a `ContiguousArray`, or none.
  case array(offset: Int, ElementLayout)
  case arraySlice(offset: Int, ElementLayout)
  case dictionary(offset: Int, ElementLayout, values: ElementLayout)
  case set(offset: Int, ElementLayout)

  /// A strong reference to an object, or none.
  case object(offset: Int, PartName)

  /// A type that answers itself, at least until it is seen that it uses the default.
  case answer(offset: Int, TypeRecord.Reference)

  case enumeration(offset: Int, UnsafePointer<EnumPlan>)

  /// Values one after the other.
  case repeated(offset: Int, count: Int, ElementLayout)

  /// An existential that keeps its value in itself or in a box.
  case existential(offset: Int, PartName)

  /// A reference to an error, or none.
  case error(offset: Int, PartName)
}

/// How to visit the elements of a collection.
struct ElementLayout: BitwiseCopyable {
  let record: TypeRecord.Reference

  /// The collection.
  let name: PartName
  let stride: Int
  let alignmentMask: Int

  init(_ record: TypeRecord.Reference, _ name: PartName) {
    let witnesses = record.pointee.metadata.witnesses
    self.record = record
    self.name = name
    stride = witnesses.stride
    alignmentMask = witnesses.alignmentMask
  }
}

/// The parts of an enum value.
struct EnumPlan {
  let metadata: TypeMetadata
  let witnesses: ValueWitnesses

  /// The size of a value if its payload has to be projected out of a copy, otherwise 0: the
  /// payload of the only case that has one is stored as it is.
  let projectedByteCount: Int

  /// The contents of the cases with a payload, by the number of the case.
  let cases: [Payload]

  enum Payload {
    case heapFree
    case inline(HeapPlan.Reference)
    case indirect(TypeRecord.Reference, PartName)
  }
}

/// The path of a part, for an error that appears only when a value is seen.
struct PartName: BitwiseCopyable {
  private let text: UnsafePointer<String>

  init(_ path: String) {
    let memory = UnsafeMutablePointer<String>.allocate(capacity: 1)
    memory.initialize(to: path)
    text = UnsafePointer(memory)
  }

  var path: String { text.pointee }
}

extension HeapStep {
  /// The same part of a value that starts elsewhere.
  func moved(by distance: Int) -> HeapStep {
    switch self {
    case .string(let offset): .string(offset: offset + distance)
    case .optionalString(let offset): .optionalString(offset: offset + distance)
    case .array(let offset, let layout): .array(offset: offset + distance, layout)
    case .arraySlice(let offset, let layout): .arraySlice(offset: offset + distance, layout)
    case .dictionary(let offset, let keys, let values):
      .dictionary(offset: offset + distance, keys, values: values)
    case .set(let offset, let layout): .set(offset: offset + distance, layout)
    case .object(let offset, let name): .object(offset: offset + distance, name)
    case .answer(let offset, let record): .answer(offset: offset + distance, record)
    case .enumeration(let offset, let plan): .enumeration(offset: offset + distance, plan)
    case .repeated(let offset, let count, let layout):
      .repeated(offset: offset + distance, count: count, layout)
    case .existential(let offset, let name): .existential(offset: offset + distance, name)
    case .error(let offset, let name): .error(offset: offset + distance, name)
    }
  }

  /// The step that measures an optional of a type whose only step this is, if it starts with a
  /// pointer, of which an optional's `nil` is an invalid one; otherwise `nil`.
  var optional: HeapStep? {
    switch self {
    case .string(0): .optionalString(offset: 0)
    case .array(0, _), .dictionary(0, _, _), .set(0, _), .object(0, _), .error(0, _): self
    default: nil
    }
  }

  var isShared: Bool {
    switch self {
    case .string, .optionalString: false
    case .array(_, let layout), .arraySlice(_, let layout), .set(_, let layout),
      .repeated(_, _, let layout):
      layout.record.pointee.isShared
    case .dictionary(_, let keys, let values):
      keys.record.pointee.isShared || values.record.pointee.isShared
    case .enumeration(_, let plan):
      plan.pointee.cases.contains {
        switch $0 {
        case .heapFree: false
        case .inline(let plan): plan.pointee.isShared
        case .indirect: true
        }
      }
    case .object, .answer, .existential, .error: true
    }
  }
}
