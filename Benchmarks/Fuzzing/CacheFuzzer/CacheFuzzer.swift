/// Plays a fuzz input against a cache and the model of the fuzz tests; called by libFuzzer, which
/// looks for inputs that reach new places of the code.
///
/// The first byte chooses keys, values and the kind of cache. The engine alone is given hashes that
/// are the same in every run and collide; the caches draw the secrets of their hashes, so what an
/// input finds in them may need more than one replay.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var input = FuzzInput(UnsafeBufferPointer(start: bytes, count: count))
  switch input.byte() % 8 {
  case 0...2: play(&input, CacheSubject<CollidingVocabulary, CoreDriver>.self)
  case 3: play(&input, CacheSubject<TrivialVocabulary, CoreDriver>.self)
  case 4: play(&input, CacheSubject<TrivialVocabulary, UniqueCacheDriver>.self)
  case 5: play(&input, CacheSubject<TextVocabulary, UniqueCacheDriver>.self)
  case 6: play(&input, CacheSubject<CollidingVocabulary, UniqueCacheDriver>.self)
  default: play(&input, CacheSubject<CollidingVocabulary, SharedCacheDriver>.self)
  }
  return 0
}

/// Performs the operations of an input; ends the process with the history if something is wrong.
private func play<Vocabulary, Driver>(
  _ input: inout FuzzInput, _ subject: CacheSubject<Vocabulary, Driver>.Type
) {
  let configuration = input.configuration()
  let subject = CacheSubject<Vocabulary, Driver>(configuration)
  var operations: [CacheFuzzOperation] = []
  while input.remainingByteCount >= FuzzInput.operationByteCount {
    let operation = input.operation(in: configuration)
    operations.append(operation)
    let violations = subject.perform(operation) + subject.audit()
    if !violations.isEmpty {
      fail(subject: "\(Driver.self)", configuration, operations, violations)
    }
  }
}

private func fail(
  subject: String, _ configuration: CacheFuzzConfiguration, _ operations: [CacheFuzzOperation],
  _ violations: [String]
) -> Never {
  let history = operations.enumerated().map { "  \($0 + 1). \($1)" }.joined(separator: "\n")
  fatalError(
    """
    \(subject), \(configuration)
    \(history)
    \(violations.joined(separator: "\n"))
    """)
}
