import LambdaCache

/// A kind of value: how to make one, and what is to be found out about it.
///
/// The type of the values is known here only, so that everything is measured in specialised code,
/// as a program that uses the library runs it.
struct Kind {
  let name: String
  let corpus: Corpus

  /// Compares what so many values, or as many as fit into 256 MiB, say they own with what the
  /// allocator handed out for them.
  let measureSize: @Sendable (_ count: Int) -> SizeFigures

  /// The median time of one estimate, in nanoseconds.
  let measureTime: @Sendable (_ rounds: Int) -> Double

  /// Fills a cache with so many entries, or as many as fit into a number of bytes, and compares its
  /// count with the growth of the resident set.
  let measureCache: @Sendable (_ count: Int, _ byteLimit: Int) throws -> CacheFigures

  init<Value: HeapSized & SendableMetatype>(
    _ name: String, _ corpus: Corpus, _ make: @escaping @Sendable (Int) -> Value
  ) {
    self.name = name
    self.corpus = corpus
    measureSize = { SizeFigures(atMost: $0, byteLimit: 256 << 20, make) }
    measureTime = { EstimateTime(rounds: $0).nanoseconds(make) }
    measureCache = { try CacheFigures(atMost: $0, byteLimit: $1, make) }
  }
}

/// Kinds that belong together.
enum Corpus: String, CaseIterable {
  case text
  case collections
  case types = "types of the user's"
  case foundation = "Foundation"
  case documents = "decoded JSON"

  var kinds: [Kind] {
    switch self {
    case .text: Kind.text
    case .collections: Kind.collections
    case .types: Kind.types
    case .foundation: Kind.foundation
    case .documents: Kind.documents
    }
  }
}
