import Synchronization

/// The knowledge of how to measure values of a type; one for each type, for good.
struct TypeRecord: ~Copyable {
  typealias Reference = UnsafePointer<TypeRecord>

  let metadata: TypeMetadata

  /// Asks a value itself; `nil` if the type does not conform to ``HeapSized``, or is one of the
  /// standard library's that are measured by their plan.
  let answer: ((UnsafeRawPointer) -> Int)?

  /// How values are measured, in place of asking them.
  ///
  /// Of a type that conforms it is set only once the default `heapByteCount` has run for the type:
  /// that shows that it has no other.
  private let value: Atomic<HeapPlan.Reference?>

  /// Of a class, how its objects are measured.
  private let object = Atomic<HeapPlan.Reference?>(nil)

  /// How values would be measured by what they consist of, whether their type has an answer of its
  /// own or not.
  private let structure = Atomic<HeapPlan.Reference?>(nil)

  init(_ type: Any.Type) {
    metadata = TypeMetadata(type)
    let sized = type as? any HeapSized.Type
    answer = type is any ReflectedType.Type ? nil : sized.map { Self.answer(of: $0) }
    value = Atomic(sized?.isHeapFree == true ? Self.heapFreePlan : nil)
  }

  nonisolated(unsafe) private static let heapFreePlan = HeapPlan(steps: []).immortal()

  private static func answer<Value: HeapSized>(
    of type: Value.Type
  ) -> (UnsafeRawPointer) -> Int {
    { $0.assumingMemoryBound(to: Value.self).pointee.heapByteCount }
  }

  var valuePlan: HeapPlan.Reference? { value.load(ordering: .acquiring) }

  var objectPlan: HeapPlan.Reference? { object.load(ordering: .acquiring) }

  var structurePlan: HeapPlan.Reference? { structure.load(ordering: .acquiring) }

  /// Sets the plan of the structure unless another thread was faster, and returns the one that
  /// stays.
  func setStructurePlan(_ plan: HeapPlan.Reference) -> HeapPlan.Reference {
    structure.compareExchange(
      expected: nil, desired: plan, ordering: .acquiringAndReleasing
    ).original ?? plan
  }

  /// Sets the plan of values unless another thread was faster, and returns the one that stays.
  func setValuePlan(_ plan: HeapPlan.Reference) -> HeapPlan.Reference {
    value.compareExchange(
      expected: nil, desired: plan, ordering: .acquiringAndReleasing
    ).original ?? plan
  }

  /// Sets the plan of objects unless another thread was faster, and returns the one that stays.
  func setObjectPlan(_ plan: HeapPlan.Reference) -> HeapPlan.Reference {
    object.compareExchange(
      expected: nil, desired: plan, ordering: .acquiringAndReleasing
    ).original ?? plan
  }

  /// Whether values are measured by asking them.
  ///
  /// Of a class this is not known before an object is seen, which may be of a subclass.
  var answersItself: Bool { answer != nil && metadata.kind != .class && valuePlan == nil }

  /// Whether measuring a value may need a shared walk; `true` while that is not known.
  var isShared: Bool { valuePlan?.pointee.isShared ?? true }

  /// Whether no value owns memory, as far as is known.
  var isHeapFree: Bool {
    guard let plan = valuePlan?.pointee else { return false }
    return plan.steps.isEmpty && plan.failure == nil
  }
}

/// The records of all types that were met so far.
///
/// Readers take no lock: they probe a table of addresses that only ever gains entries, and that
/// is replaced by a larger one when it is half full. The smaller ones stay for readers that are
/// still in them; together they are smaller than the last.
///
/// Unchecked because pointers are not sendable: what these point to changes only atomically.
final class TypeTable: @unchecked Sendable {
  static let shared = TypeTable()

  private typealias Cell = Atomic<TypeRecord.Reference?>

  private struct Cells {
    let base: UnsafeMutablePointer<Cell>
    let mask: Int

    init(count: Int) {
      base = .allocate(capacity: count)
      mask = count - 1
      for index in 0..<count { (base + index).initialize(to: Cell(nil)) }
    }

    /// The record of a type, or the first empty cell on its path.
    func find(_ type: TypeMetadata) -> (record: TypeRecord.Reference?, index: Int) {
      var index = type.address.scatteredBits & mask
      while let record = base[index].load(ordering: .acquiring) {
        if record.pointee.metadata == type { return (record, index) }
        index = (index &+ 1) & mask
      }
      return (nil, index)
    }
  }

  /// The table in use: its cells' address and count.
  private let cells: Atomic<UnsafePointer<Cells>>

  /// The number of records.
  private let count = Locked(0)

  private init() {
    cells = Atomic(Self.immortal(Cells(count: 256)))
  }

  private static func immortal(_ cells: Cells) -> UnsafePointer<Cells> {
    let memory = UnsafeMutablePointer<Cells>.allocate(capacity: 1)
    memory.initialize(to: cells)
    return UnsafePointer(memory)
  }

  /// The record of a type, made if there is none.
  func record(of type: TypeMetadata) -> TypeRecord.Reference {
    while true {
      if let record = cells.load(ordering: .acquiring).pointee.find(type).record { return record }
      addRecord(of: type)
    }
  }

  private func addRecord(of type: TypeMetadata) {
    // Made before the lock is taken, since it may run code of the caller's.
    let record = UnsafeMutablePointer<TypeRecord>.allocate(capacity: 1)
    record.initialize(to: TypeRecord(type.type))
    let isAdded = count.withLock { count in
      var table = cells.load(ordering: .acquiring).pointee
      guard table.find(type).record == nil else { return false }
      if count * 2 > table.mask {
        table = larger(than: table)
        cells.store(Self.immortal(table), ordering: .releasing)
      }
      table.base[table.find(type).index].store(TypeRecord.Reference(record), ordering: .releasing)
      count += 1
      return true
    }
    if !isAdded {
      record.deinitialize(count: 1)
      record.deallocate()
    }
  }

  private func larger(than table: Cells) -> Cells {
    let larger = Cells(count: (table.mask + 1) * 2)
    for index in 0...table.mask {
      guard let record = table.base[index].load(ordering: .relaxed) else { continue }
      let target = larger.find(record.pointee.metadata).index
      larger.base[target].store(record, ordering: .relaxed)
    }
    return larger
  }
}

extension UnsafeRawPointer {
  /// Bits of the address, mixed so that neighbours in memory are apart in a table.
  var scatteredBits: Int {
    let product = UInt64(UInt(bitPattern: self)) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: product >> 40)
  }
}
