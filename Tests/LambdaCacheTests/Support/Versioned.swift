import LambdaCache

/// A value and what its source calls this version of it: an entity tag, a revision, a time.
struct Versioned<Content, Version> {
  var content: Content
  var version: Version

  init(_ content: Content, version: Version) {
    self.content = content
    self.version = version
  }
}

extension Versioned: Sendable where Content: Sendable, Version: Sendable {}
extension Versioned: Equatable where Content: Equatable, Version: Equatable {}
extension Versioned: Hashable where Content: Hashable, Version: Hashable {}

extension Versioned: HeapSized where Content: HeapSized, Version: HeapSized {
  var heapByteCount: Int { content.heapByteCount + version.heapByteCount }

  static var isHeapFree: Bool { Content.isHeapFree && Version.isHeapFree }
}
