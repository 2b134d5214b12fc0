#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One measurement: which objects it has counted, and which it has yet to look into.
///
/// The walk lives on the stack of the function that starts it. While code of the program may run,
/// the thread refers to it, so that values measured by that code are part of the same walk, and an
/// object that is met on both sides is counted once.
struct HeapWalk: ~Copyable {
  typealias Reference = UnsafeMutablePointer<HeapWalk>

  /// Objects that were counted.
  var met = AddressSet()

  /// Objects that are counted but not looked into, because they were met too deep.
  ///
  /// A chain of objects is followed from here on without recursion, however long it is.
  var pending: ContiguousArray<(contents: UnsafeRawPointer, plan: HeapPlan.Reference)> = []

  /// How many objects the one that is looked into lies behind.
  var depth = 0

  /// The object that was counted and is being asked.
  var asked: UnsafeRawPointer?

  /// Where the values are that are looked into, from the inside out; `nil` for one whose type
  /// conforms and names its parts itself.
  var place: UnsafePointer<Place>?

  /// The first part that could not be measured.
  var failure: HeapSizeError?

  /// How deep objects are looked into at once.
  static var depthLimit: Int { 24 }

  /// The place of values whose plan names parts from their own type.
  struct Place {
    let name: PartName
    let type: Any.Type
    let outer: UnsafePointer<Place>?
  }

  /// Notes a part that cannot be measured.
  mutating func fail(_ error: HeapSizeError) {
    var error = error
    var place = place
    while let current = place?.pointee {
      error = error.rooted(at: current.name.path, insteadOf: current.type)
      place = current.outer
    }
    if failure == nil { failure = error }
  }
}

extension HeapWalk {
  /// Where a thread keeps the walk that it is in.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    let status = pthread_key_create(&key, nil)
    precondition(status == 0, "no key for thread-specific data: error \(status)")
    return key
  }()

  /// The walk that this thread is in.
  static var current: Reference? {
    pthread_getspecific(key)?.assumingMemoryBound(to: HeapWalk.self)
  }

  /// Measures within the walk that this thread is in, or within a new one.
  static func joining(_ body: (Reference) -> Int) -> Int {
    if let walk = current { return body(walk) }
    return sized { walk in entering(walk, body) }
  }

  /// Measures within a new walk.
  ///
  /// - Returns: ``HeapSizeError/byteCount`` if some part cannot be measured; ``lastFailure`` says
  ///   which.
  static func sized(_ body: (Reference) -> Int) -> Int {
    var walk = HeapWalk()
    let byteCount = withUnsafeMutablePointer(to: &walk, body)
    guard let failure = walk.failure else { return byteCount }
    lastFailure = failure
    return HeapSizeError.byteCount
  }

  /// The bytes that a value of any type owns, as far as they can be known.
  ///
  /// - Returns: `nil` if some part cannot be measured.
  static func checkedByteCount<Subject>(of subject: Subject) -> Int? {
    var walk = HeapWalk()
    let byteCount = withUnsafeMutablePointer(to: &walk) { walk in
      entering(walk) { _ in
        // The default must run for no type that has an answer of its own: from then on its values
        // would not be asked any more.
        if let sized = subject as? any HeapSized { return sized.heapByteCount }
        return withUnsafePointer(to: subject) { reflectedByteCount(at: $0, type: Subject.self) }
      }
    }
    return walk.failure == nil ? byteCount : nil
  }

  /// Measures within a walk that code of the caller's joins.
  static func entering(_ walk: Reference, _ body: (Reference) -> Int) -> Int {
    let outer = pthread_getspecific(key)
    enter(walk)
    defer { enter(outer) }
    return body(walk)
  }

  private static func enter(_ walk: UnsafeMutableRawPointer?) {
    let status = pthread_setspecific(key, walk)
    precondition(status == 0, "thread-specific data cannot be set: error \(status)")
  }
}

extension HeapWalk {
  private final class Failure {
    let error: HeapSizeError

    init(_ error: HeapSizeError) {
      self.error = error
    }
  }

  /// Where a thread keeps its last failure, which ends with the thread.
  private static let failureKey: pthread_key_t = {
    var key = pthread_key_t()
    let status = pthread_key_create(&key) { object in
      let object: UnsafeMutableRawPointer? = object
      if let object { Unmanaged<Failure>.fromOpaque(object).release() }
    }
    precondition(status == 0, "no key for thread-specific data: error \(status)")
    return key
  }()

  /// The part that made the last measurement of this thread fail that has failed.
  ///
  /// Sizes are numbers, and a cache only sees that one stands for an unknown size. It asks here on
  /// the same thread, directly afterwards, for the reason.
  static var lastFailure: HeapSizeError? {
    get {
      pthread_getspecific(failureKey).map {
        Unmanaged<Failure>.fromOpaque($0).takeUnretainedValue().error
      }
    }
    set {
      let old = pthread_getspecific(failureKey)
      let new = newValue.map { Unmanaged.passRetained(Failure($0)).toOpaque() }
      let status = pthread_setspecific(failureKey, new)
      precondition(status == 0, "thread-specific data cannot be set: error \(status)")
      if let old { Unmanaged<Failure>.fromOpaque(old).release() }
    }
  }
}

extension HeapWalk {
  /// Forgets ``lastFailure``, so that it is not taken for that of another value.
  static func forgetFailure() {
    if pthread_getspecific(failureKey) != nil { lastFailure = nil }
  }
}

/// A set of addresses, none of them null.
struct AddressSet: ~Copyable {
  /// The only member as long as there is one: most values lead to one object or none.
  private var first: UInt = 0

  /// Open addressing with 0 for an empty cell; `nil` with fewer than two members.
  private var cells: UnsafeMutablePointer<UInt>?
  private var mask = 0
  private var count = 0

  deinit {
    cells?.deallocate()
  }

  /// Adds an address; returns whether it is new.
  mutating func insert(_ pointer: UnsafeRawPointer) -> Bool {
    let address = UInt(bitPattern: pointer)
    if first == 0 {
      first = address
      return true
    }
    if first == address { return false }
    if count * 2 >= mask { grow() }
    return add(address)
  }

  private mutating func add(_ address: UInt) -> Bool {
    guard let cells else { return false }
    var index = (UnsafeRawPointer(bitPattern: address)?.scatteredBits ?? 0) & mask
    while cells[index] != 0 {
      if cells[index] == address { return false }
      index = (index &+ 1) & mask
    }
    cells[index] = address
    count &+= 1
    return true
  }

  private mutating func grow() {
    let old = UnsafeMutableBufferPointer(start: cells, count: cells == nil ? 0 : mask + 1)
    let capacity = max(16, old.count * 2)
    let larger = UnsafeMutablePointer<UInt>.allocate(capacity: capacity)
    larger.initialize(repeating: 0, count: capacity)
    cells = larger
    mask = capacity - 1
    count = 0
    for address in old where address != 0 { _ = add(address) }
    old.deallocate()
  }
}
