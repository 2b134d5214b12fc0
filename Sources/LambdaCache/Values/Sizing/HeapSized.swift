/// A type whose values know how much heap memory they own.
///
/// A cache charges an entry for the inline bytes of its key and value, which the compiler knows,
/// and for the bytes they own beyond those, which they report themselves:
///
/// ```swift
/// struct Profile: HeapSized {
///   var name: String
///   var tags: [String]
///   var address: Address?
/// }
///
/// struct Address: HeapSized { var street: String }
/// ```
///
/// Declaring the conformance is enough where everything a value consists of can be known:
///
/// - structs, enums, tuples and optionals, which are looked into whether they conform or not,
/// - the collections of the standard library, with elements of any kind,
/// - objects of classes that conform; each is counted once for a value, however many references
///   lead to it, with what the runtime keeps beside it once something refers to it weakly; `weak`
///   and `unowned` references themselves own nothing,
/// - existentials (`Any`, `any Error`, `any P`), of which each value shows what is in it.
///
/// Closures, unsafe pointers, objects of other classes, actors, noncopyable properties and
/// existentials with constraints (`any Sequence<Int>`) cannot be known. A type with one of them
/// answers itself:
///
/// <!-- with: Session -->
/// ```swift
/// extension Session: HeapSized {
///   var heapByteCount: Int {
///     user.heapByteCount + allocationByteCount(forRequest: 4096)
///   }
/// }
/// ```
///
/// If it does not, caches reject its values, count them in
/// ``CacheStatistics/rejectionsForUnknownSize``, and log the first with type and property;
/// ``checkedHeapByteCount()`` throws, and ``CacheOptions/endsProcessForUnknownSize`` finds such a
/// value in a test.
///
/// Memory that is shared between values, such as one array stored under two keys, is counted once
/// for each of them: a cache cannot see other references, and counting it too often never uses more
/// memory than the limit. Within a value that is measured by reflection objects and the storage of
/// collections are counted once, strings wherever they are stored.
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
