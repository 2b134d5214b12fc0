/// A type whose values know how much heap memory they own.
///
/// A cache charges an entry for the inline bytes of its key and value, which the compiler knows,
/// and for what they own beyond that, which they answer themselves:
///
/// ```swift
/// struct Profile: HeapSized {
///   var name: String
///   var tags: [String]
///
///   var heapByteCount: Int { name.heapByteCount + tags.heapByteCount }
/// }
/// ```
///
/// Some types need no code: one that is `BitwiseCopyable` owns nothing, and one that is
/// `RawRepresentable` owns what its raw value owns. Declaring the conformance is enough for them.
///
/// Memory that is shared between values, such as one array stored under two keys, is counted
/// once for each of them: a cache cannot see who else holds it, and counting it too often never
/// uses more memory than the limit.
public protocol HeapSized {
  /// The bytes that this value owns outside its inline storage, as the allocator rounds them.
  ///
  /// Must not change while the value is stored in a cache: a value that grows behind a reference
  /// grows outside every limit.
  var heapByteCount: Int { get }

  /// Whether no value of this type owns heap memory.
  ///
  /// A collection of such elements is measured without visiting them. A conforming type that
  /// can own memory keeps the default, `false`.
  static var isHeapFree: Bool { get }
}

extension HeapSized {
  /// `false`: values have to be asked.
  @inlinable
  public static var isHeapFree: Bool { false }
}

extension HeapSized where Self: BitwiseCopyable {
  /// Zero: a value that may be copied bit by bit owns nothing.
  ///
  /// A type that keeps an unsafe pointer to memory of its own must answer for that memory itself.
  @inlinable
  public var heapByteCount: Int { 0 }
}

extension HeapSized where Self: RawRepresentable, RawValue: HeapSized {
  /// The bytes that the raw value owns.
  @inlinable
  public var heapByteCount: Int { rawValue.heapByteCount }
}

extension HeapSized where Self: RawRepresentable & BitwiseCopyable, RawValue: HeapSized {
  /// Zero: the raw value is made when it is asked for and is not part of the value.
  @inlinable
  public var heapByteCount: Int { 0 }
}
