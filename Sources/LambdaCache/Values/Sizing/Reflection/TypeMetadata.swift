/// The runtime's data of a type, read from its metadata.
///
/// Layout: `docs/ABI/TypeMetadata.rst` of the Swift project, which is stable on Apple's platforms
/// and the same on Linux. The word before a metadata's address points to the value witness table:
/// eight functions, then size, stride, flags, and for enums three functions more.
struct TypeMetadata: Hashable {
  let address: UnsafeRawPointer

  init(_ type: Any.Type) {
    address = unsafeBitCast(type, to: UnsafeRawPointer.self)
  }

  init(at address: UnsafeRawPointer) {
    self.address = address
  }

  var type: Any.Type { unsafeBitCast(address, to: Any.Type.self) }

  /// The kinds that matter for where a value's memory is (`MetadataKind.def`).
  enum Kind {
    case `class`
    case structure
    case enumeration
    case optional
    case foreignClass
    case builtin
    case tuple
    case function
    case existential
    case constrainedExistential
    case metatype
    case fixedArray
    case unknown
  }

  var kind: Kind {
    switch word(0) {
    case 0, 0x800...: .class
    case 0x200: .structure
    case 0x201: .enumeration
    case 0x202: .optional
    case 0x203, 0x204: .foreignClass
    case 0x300: .builtin
    case 0x301: .tuple
    case 0x302: .function
    case 0x303: .existential
    case 0x304, 0x306: .metatype
    case 0x305: .class
    case 0x307: .constrainedExistential
    case 0x308: .fixedArray
    default: .unknown
    }
  }

  /// A word of the metadata: what it is depends on the kind.
  func word(_ index: Int) -> UInt {
    address.load(fromByteOffset: index &* MemoryLayout<UInt>.size, as: UInt.self)
  }
}

/// Whether a cast may find a value to be of another type than it is declared as: an object of a
/// subclass, what a protocol hides, or what an optional holds.
package func mayHideAnotherType(_ type: Any.Type) -> Bool {
  switch TypeMetadata(type).kind {
  case .structure, .enumeration: false
  default: true
  }
}

extension TypeMetadata {
  var witnesses: ValueWitnesses {
    ValueWitnesses(
      address: address.load(
        fromByteOffset: -MemoryLayout<UInt>.size, as: UnsafeRawPointer.self))
  }

  /// The type arguments of a value type start at its third word.
  var genericArguments: UnsafeRawPointer { address + 2 &* MemoryLayout<UInt>.size }

  /// Count and element type of a `Builtin.FixedArray`.
  var fixedArray: (count: Int, element: Any.Type) {
    (Int(bitPattern: word(1)), TypeMetadata(at: UnsafeRawPointer(bitPattern: word(2))!).type)
  }

  /// The type that an `Optional` wraps.
  var wrapped: Any.Type { TypeMetadata(at: UnsafeRawPointer(bitPattern: word(2))!).type }

  /// Whether a function is nothing but the address of its code: a C or a thin function.
  var isBareFunction: Bool { word(1) >> 16 & 0xFF >= 2 }

  /// The content of an existential without constraints.
  enum Existential {
    case value
    case object
    case error
  }

  /// The content of an existential with constraints, as `any Sequence<Int>`: the same as of one
  /// without.
  ///
  /// Its second word leads to its shape, which begins with flags: the lowest byte is 0 for a value
  /// in three words or a box, 1 for an object and 2 for a metatype (`ExtendedExistentialTypeShape`
  /// in the runtime's `Metadata.h`). `nil` for any other representation.
  var constrainedExistential: ConstrainedExistential? {
    guard let shape = UnsafeRawPointer(bitPattern: word(1)) else { return nil }
    return switch shape.load(as: UInt32.self) & 0xFF {
    case 0: .value
    case 1: .object
    case 2: .metatype
    default: nil
    }
  }

  enum ConstrainedExistential {
    case value
    case object
    case metatype
  }

  /// The flags have "any" in the top bit and in bits 24 to 29 a number for a special protocol, of
  /// which `Error` is the only one.
  var existential: Existential {
    let flags = word(1)
    if flags >> 24 & 0x3F == 1 { return .error }
    return flags >> 31 & 1 == 1 ? .value : .object
  }
}

/// The value witness table of a type.
struct ValueWitnesses {
  let address: UnsafeRawPointer

  private func word(_ index: Int) -> Int {
    address.load(fromByteOffset: index &* MemoryLayout<Int>.size, as: Int.self)
  }

  private var flags: UInt32 {
    address.load(fromByteOffset: 10 &* MemoryLayout<Int>.size, as: UInt32.self)
  }

  var size: Int { word(8) }
  var stride: Int { word(9) }
  var alignmentMask: Int { Int(flags & 0xFF) }

  /// Whether an existential keeps a value of the type in its own three words.
  var isStoredInline: Bool { flags & 0x20000 == 0 }

  /// Where a value begins in a box: behind the object header.
  var boxOffset: Int {
    (2 &* MemoryLayout<UInt>.size &+ alignmentMask) & ~alignmentMask
  }

  /// The number of an enum value's case: those with a payload first, in the order of the source.
  func caseIndex(of value: UnsafeRawPointer, _ metadata: TypeMetadata) -> Int {
    typealias GetTag = @convention(c) (UnsafeRawPointer, UnsafeRawPointer) -> UInt32
    let function = unsafeBitCast(enumFunction(0), to: GetTag.self)
    return Int(function(value, metadata.address))
  }

  /// Turns an enum value into the payload that it holds.
  func projectPayload(of value: UnsafeMutableRawPointer, _ metadata: TypeMetadata) {
    typealias Project = @convention(c) (UnsafeMutableRawPointer, UnsafeRawPointer) -> Void
    let function = unsafeBitCast(enumFunction(1), to: Project.self)
    function(value, metadata.address)
  }

  /// A function behind size, stride, flags and the number of extra inhabitants.
  private func enumFunction(_ index: Int) -> UnsafeRawPointer {
    let offset = 10 &* MemoryLayout<Int>.size &+ 8 &+ index &* MemoryLayout<Int>.size
    return address.load(fromByteOffset: offset, as: UnsafeRawPointer.self)
  }
}
